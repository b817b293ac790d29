import type { ElectronApplication } from '@playwright/test';
import { expect } from '@playwright/test';

import { launch } from '../launch.ts';
import { runCli } from '../support/cli.ts';
import { addArguments, Desk, prepareLaptop, waitForHealth } from '../support/desk.ts';
import { test } from '../support/fixtures.ts';
import { freePort } from '../support/free-port.ts';
import { tellPower } from '../support/power.ts';
import { descendants, listeningPorts } from '../support/processes.ts';
import { clickTrayItem, trayText } from '../support/tray.ts';
import { Openclaw, type Gateway } from './support/openclaw.ts';
import { startRealGateway } from './support/real-gateway.ts';

/** The gateway on the other computer: ours once, the real one once. */
interface Remote {
  readonly port: number;
  readonly pid: number;
  readonly token: string;
  stop(): Promise<unknown>;
}

const REMOTES: Readonly<Record<string, () => Promise<Remote>>> = {
  'our own headless gateway': async () => {
    const desk = await Desk.start();
    const { port, pid } = desk;
    return { port, pid, token: await desk.token(), stop: () => desk[Symbol.asyncDispose]() };
  },
  'the real OpenClaw gateway': () => startRealGateway(),
};

for (const [name, start] of Object.entries(REMOTES)) {
  test(`the real command line works through the tray's tunnel to ${name}`, async ({ home, sshd }) => {
    const remote = await start();
    const localPort = await prepareLaptop(home);
    const tunnelPort = await freePort();
    const app = await launch({ home });
    await addStudio(home, addArguments('Studio', sshd, { remote: remote.port, local: tunnelPort }), remote.token);

    await test.step('Remote over SSH', async () => {
      await expect.poll(() => trayText(app)).toContain('Studio');
      await choose(app, 'mode:ssh', 'Studio: connected');
      const gateway = await gatewayInUse(home);
      expect(gateway.url).toBe(`ws://127.0.0.1:${tunnelPort}`);
      await expectTheCliToReach(gateway, remote.pid);
    });

    await test.step('after sleep, wake and a restarted sshd, without a click', async () => {
      await tellPower(app, 'suspend');
      await sshd.kill();
      await tellPower(app, 'resume');
      await sshd.start();
      await waitForHealth(tunnelPort);
      await expectTheCliToReach(await gatewayInUse(home), remote.pid);
    });

    await test.step('Local', async () => {
      await choose(app, 'mode:local', 'This computer: connected');
      const gateway = await gatewayInUse(home);
      expect(gateway.url).toBe(`ws://127.0.0.1:${localPort}`);
      const [host] = (await descendants(app.process().pid)).filter(({ command }) => command.includes('gateway-host'));
      await expectTheCliToReach(gateway, host?.pid ?? 0);
      await expect(fetch(`http://127.0.0.1:${tunnelPort}/health`)).rejects.toThrow('fetch failed');
    });

    await test.step('Off', async () => {
      await choose(app, 'mode:off', 'Switched off');
      const ports = (await listeningPorts(app.process().pid ?? 0)).map(({ port }) => port);
      expect(ports).not.toContain(localPort);
      expect(ports).not.toContain(tunnelPort);
    });

    await app.close();
    await remote.stop();
  });
}

async function addStudio(home: string, words: readonly string[], token: string): Promise<void> {
  const added = await runCli([...words, '--token-file', '-'], { home, input: token });
  expect(added, added.stderr).toMatchObject({ exitCode: 0 });
}

async function choose(app: ElectronApplication, item: string, text: string): Promise<void> {
  await clickTrayItem(app, item);
  await expect.poll(() => trayText(app), { timeout: 30_000 }).toContain(text);
}

async function gatewayInUse(home: string): Promise<Gateway> {
  const { stdout } = await runCli(['env', '--json'], { home });
  const env = JSON.parse(stdout) as Record<string, string>;
  return { url: env['OPENCLAW_GATEWAY_URL'] ?? '', token: env['OPENCLAW_GATEWAY_TOKEN'] ?? '' };
}

/** The commands exit 0, say that they reached a gateway, and it is the process we mean. */
async function expectTheCliToReach(gateway: Gateway, pid: number): Promise<void> {
  const openclaw = new Openclaw('env', gateway);
  try {
    for (const [words, says] of [
      [['health'], /Gateway event loop/],
      [['status'], /reachable/],
      [['gateway', 'probe'], /Reachable: yes/],
      [['gateway', 'health'], /OK/],
      [['gateway', 'call', 'health'], /"ok": true/],
    ] as const) {
      const result = await openclaw.run(words);
      test
        .info()
        .annotations.push({ type: words.join(' '), description: result.stdout.split('\n').slice(0, 6).join('\n') });
      expect(result.code, result.text).toBe(0);
      expect(result.stdout, result.text).toMatch(says);
    }
    const status = await openclaw.run(['gateway', 'call', 'status', '--json']);
    // The real gateway answers from a child of the process that was started.
    const pids = [pid, ...(await descendants(pid)).map((each) => each.pid)];
    const { pid: answering } = JSON.parse(status.stdout) as { pid: number };
    expect(pids, status.text).toContain(answering);
  } finally {
    openclaw.close();
  }
}
