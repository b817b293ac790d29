import { connect } from 'node:net';

import { expect, test } from '@playwright/test';

import { Openclaw, type Told } from './support/openclaw.ts';
import { startRealGateway, type RealGateway } from './support/real-gateway.ts';

let gateway: RealGateway;

test.beforeAll(async () => {
  gateway = await startRealGateway();
});
test.afterAll(() => gateway.stop());

const COMMANDS = {
  health: ['health', '--json'],
  status: ['status'],
  probe: ['gateway', 'probe'],
  gatewayHealth: ['gateway', 'health'],
  call: ['gateway', 'call', 'health'],
} as const;

/** What says that the command has reached the gateway; the exit code of some does not tell. */
const REACHED: Readonly<Record<keyof typeof COMMANDS, RegExp>> = {
  health: /"ok": true/,
  status: /· reachable \d+ms · auth token/,
  probe: /Reachable: yes/,
  gatewayHealth: /OK \(\d+ms\)/,
  call: /"ok": true/,
};

const EVERYTHING = Object.keys(COMMANDS) as ReadonlyArray<keyof typeof COMMANDS>;

/** Which commands reach a gateway, by how they are told of it. */
const REACH: ReadonlyArray<readonly [Told, ReadonlyArray<keyof typeof COMMANDS>]> = [
  ['env', EVERYTHING],
  ['env-over-local', EVERYTHING],
  ['env-over-remote', EVERYTHING],
  ['local', EVERYTHING],
  ['remote', EVERYTHING],
  // Without a configuration file, `status` does not ask any gateway and exits 0 all the same.
  ['env-bare', ['health', 'probe', 'gatewayHealth', 'call']],
  ['flags', ['probe', 'gatewayHealth', 'call']],
];

for (const [told, reaching] of REACH) {
  test(`told by ${told}, the command line reaches the gateway with ${reaching.join(', ')}`, async () => {
    const openclaw = new Openclaw(told, gateway);
    try {
      for (const name of reaching) {
        const result = await openclaw.run(COMMANDS[name]);
        expect(result.code, result.text).toBe(0);
        expect(result.stdout, result.text).toMatch(REACHED[name]);
      }
    } finally {
      openclaw.close();
    }
  });
}

test('without the port in the environment, `gateway probe` looks at the wrong gateway', async () => {
  const openclaw = new Openclaw('env', gateway);
  try {
    const result = await openclaw.run(COMMANDS.probe, { env: { OPENCLAW_GATEWAY_PORT: '' } });
    expect(result.code, result.text).toBe(1);
  } finally {
    openclaw.close();
  }
});

test('a wrong token is refused by name, with exit code 1', async () => {
  const openclaw = new Openclaw('env', { url: gateway.url, token: 'not-the-token-of-this-gateway' });
  try {
    for (const name of ['health', 'gatewayHealth', 'call'] as const) {
      const result = await openclaw.run(COMMANDS[name]);
      expect(result.code, result.text).toBe(1);
      expect(result.text).toContain('gateway token mismatch');
    }
  } finally {
    openclaw.close();
  }
});

test('start-up and memory are measured, and a stopped gateway has left its port', async () => {
  const another = await startRealGateway();
  const { bytes, processes } = await another.memory();
  expect(another.startup.readyMs).toBeGreaterThanOrEqual(another.startup.healthMs);
  expect(bytes).toBeGreaterThan(100 * 1024 * 1024);
  expect(processes).toBeGreaterThanOrEqual(1);
  expect(await another.stop()).toBe(0);
  expect(await isListening(another.port)).toBe(false);
  expect(() => process.kill(another.pid, 0)).toThrow('ESRCH');
});

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
