import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { expect, test } from '@playwright/test';

import { Desk } from '../support/desk.ts';
import { GatewayWire } from '../support/gateway-wire.ts';
import { EXIT_DIFFERENCES, LACKING } from './cli-differences.ts';
import { Openclaw, type CliResult, type Gateway } from './support/openclaw.ts';
import { startRealGateway, type RealGateway } from './support/real-gateway.ts';

/** Every command of the real command line that asks a gateway for what this one has. */
const COMMANDS: readonly string[] = [
  'health',
  'health --json',
  'health --verbose',
  'status',
  'status --json',
  'status --deep',
  'status --all',
  'gateway status',
  'gateway status --require-rpc',
  'gateway health',
  'gateway call health',
  'gateway call status --json',
  'gateway call sessions.list --json',
  'gateway call agents.list --json',
  'gateway call gateway.identity.get --json',
  'gateway call system.info --json',
  'gateway call config.get --json',
  'gateway call nope',
  'channels status',
  'channels status --probe',
  'channels list',
  'models list',
  'logs --limit 5',
  'logs --json --limit 5',
  'system presence',
  'system heartbeat last',
  'system event --text hello --mode now',
  'cron list',
  'cron list --json',
  'cron status',
  'skills list',
  'approvals get --gateway',
  'gateway usage-cost',
  'gateway stability',
  'agent --agent main -m /help',
  'agent --agent main -m /help --json',
  'browser status',
  'sessions',
  'agents list',
  'models status',
];

/** Methods whose results are compared, with what they cannot do without. */
const METHODS: Readonly<Record<string, object>> = {
  'sessions.create': { key: 'main' },
  'sessions.patch': { key: 'main', label: 'Desk' },
  'sessions.list': {},
  'sessions.describe': { key: 'main' },
  'sessions.resolve': { key: 'main' },
  'sessions.preview': { keys: ['main'] },
  'sessions.get': { key: 'main' },
  'sessions.subscribe': {},
  'sessions.messages.subscribe': { key: 'main' },
  'sessions.reset': { key: 'main' },
  'sessions.delete': { key: 'nobody' },
  'chat.history': { sessionKey: 'main' },
  'chat.abort': { sessionKey: 'main' },
  'chat.message.get': { sessionKey: 'main', messageId: 'nobody' },
  'agents.list': {},
  'agent.identity.get': {},
  'models.list': {},
  'cron.list': {},
  'cron.status': {},
  'skills.status': {},
  'exec.approvals.get': {},
  'channels.status': {},
  'system.info': {},
  'gateway.identity.get': {},
  'gateway.restart.preflight': {},
  'diagnostics.stability': {},
  'update.status': {},
  'usage.cost': { days: 30 },
  'logs.tail': { limit: 3 },
  'config.get': {},
  health: {},
  status: {},
};

let real: RealGateway;
let desk: Desk;
let ours: Gateway;
test.beforeAll(async () => {
  [real, desk] = await Promise.all([startRealGateway(), Desk.start()]);
  ours = { url: `ws://127.0.0.1:${desk.port}`, token: await desk.token() };
});
test.afterAll(async () => {
  await real.stop();
  await desk[Symbol.asyncDispose]();
});

async function run(command: string, gateway: Gateway): Promise<CliResult> {
  const openclaw = new Openclaw('remote', gateway);
  try {
    return await openclaw.run(command.split(' '));
  } finally {
    openclaw.close();
  }
}

for (const command of COMMANDS) {
  test(`openclaw ${command} ends as it does with the real gateway`, async () => {
    const [mine, theirs] = await Promise.all([run(command, ours), run(command, real)]);
    const { ours: our, real: their } = EXIT_DIFFERENCES[command] ?? { ours: theirs.code, real: theirs.code };
    expect([mine.code, theirs.code], `${mine.text}\n\n${theirs.text}`).toEqual([our, their]);
    expect(mine.text).not.toContain('missing scope');
  });
}

test('results have the properties of the real ones, but for those that are explained', async () => {
  const [mine, theirs] = await Promise.all([
    GatewayWire.open(desk.port, ours.token),
    GatewayWire.open(real.port, real.token),
  ]);
  const found: Record<string, readonly string[]> = {};
  for (const [method, params] of Object.entries(METHODS)) {
    const [our, their] = await Promise.all([mine.request(method, params), theirs.request(method, params)]);
    expect([our.ok, their.ok], `${method}: ${JSON.stringify([our.payload, their.payload]).slice(0, 500)}`).toEqual([
      true,
      true,
    ]);
    const lacking = Object.keys(their.payload).filter((key) => !(key in our.payload));
    const unexplained = lacking.filter((key) => LACKING[method]?.[key] === undefined);
    if (unexplained.length > 0) found[method] = unexplained;
  }
  expect(found).toEqual({});
  await Promise.all([mine.close(), theirs.close()]);
});

test('refusals have the codes of the real ones', async () => {
  const [mine, theirs] = await Promise.all([
    GatewayWire.open(desk.port, ours.token, ['operator.read']),
    GatewayWire.open(real.port, real.token, ['operator.read']),
  ]);
  for (const [method, params] of [
    ['sessions.list', { limit: 'many' }],
    ['sessions.resolve', { key: 'nobody' }],
    ['sessions.reset', { key: 'main' }],
    ['sessions.delete', { key: 'main' }],
    ['chat.send', { sessionKey: 'main', message: 'x', idempotencyKey: 'k' }],
    ['chat.inject', { sessionKey: 'main', message: 'x' }],
    ['config.patch', { raw: '{}' }],
    ['exec.approvals.get', {}],
    ['wake', { mode: 'now', text: 'x' }],
    ['nothing.of.that.name', {}],
  ] as const) {
    const [our, their] = await Promise.all([mine.request(method, params), theirs.request(method, params)]);
    expect([our.ok, our.payload['code']], method).toEqual([false, their.payload['code']]);
  }
  await Promise.all([mine.close(), theirs.close()]);
});

test('every difference is told in the documentation', () => {
  const text = readFileSync(fileURLToPath(new URL('../../docs/cli-compatibility.md', import.meta.url)), 'utf8');
  const reasons = [
    ...Object.values(EXIT_DIFFERENCES).map(({ why }) => why),
    ...Object.values(LACKING).flatMap((of) => Object.values(of)),
  ];
  for (const reason of reasons) expect(text).toContain(reason);
});
