import { mkdtemp, rm, stat } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import type { CallHandlers } from '../contract/calls.ts';
import type { TestReport } from '../contract/connection-test.ts';
import { fail } from '../contract/errors.ts';
import type { GatewayId, Snapshot } from '../contract/snapshot.ts';
import { nullLogger } from '../platform/testing/null-logger.ts';
import type { SupervisorApi } from '../supervisor/supervisor-api.ts';
import { ControlClient } from './control-client.ts';
import { startControlServer, type ControlServer } from './control-server.ts';
import { createLineSplitter, MAX_LINE_BYTES } from './wire.ts';

const snapshot: Snapshot = {
  revision: 1,
  app: { version: '1', computer: 'laptop', startedAtMs: 0 },
  use: undefined,
  gateways: [],
  problems: [],
  events: [],
};

function fakeApi() {
  const listeners = new Set<(snapshot: Snapshot) => void>();
  const testListeners = new Set<(report: TestReport) => void>();
  const used: GatewayId[] = [];
  const handlers = {
    'snapshot.get': async () => snapshot,
    'gateway.use': async ({ id }: { id: GatewayId }) => void used.push(id),
    'gateway.off': async () => {
      throw fail('gateway/none-in-use', {});
    },
  } as unknown as CallHandlers;
  const api: SupervisorApi = {
    handlers,
    snapshot,
    onChange: (listener) => (listeners.add(listener), () => listeners.delete(listener)),
    onTestProgress: (listener) => (testListeners.add(listener), () => testListeners.delete(listener)),
    power: () => {},
    start: async () => {},
    stop: async () => {},
  };
  return { api, used, listeners, testListeners };
}

let folder: string;
let path: string;
let server: ControlServer;
let fake: ReturnType<typeof fakeApi>;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gangway-control-'));
  path = join(folder, 'run', 'control.sock');
  fake = fakeApi();
  server = await startControlServer({ path, api: fake.api, version: '1', log: nullLogger });
});

afterEach(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

describe('the control socket', () => {
  it('carries calls, their results and their errors', async () => {
    const client = await ControlClient.connect(path);
    await client.call('gateway.use', { id: 'local' as GatewayId });
    expect(fake.used).toEqual(['local']);
    await expect(client.call('gateway.off', undefined)).rejects.toMatchObject({
      info: { code: 'gateway/none-in-use' },
    });
    await expect(client.call('gateway.use', { id: 7 } as never)).rejects.toMatchObject({
      info: { code: 'app/input-invalid' },
    });
    client.close();
  });

  it('carries notices until the listener goes away', async () => {
    const client = await ControlClient.connect(path);
    const heard = new Promise<Snapshot>((resolve) => client.listen('snapshot.changed', resolve));
    await client.call('snapshot.get', undefined);
    for (const listener of fake.listeners) listener({ ...snapshot, revision: 2 });
    expect((await heard).revision).toBe(2);
    client.close();
    await expect.poll(() => fake.listeners.size).toBe(0);
  });

  it('tells each listener of what it asked for alone', async () => {
    const client = await ControlClient.connect(path);
    const snapshots: number[] = [];
    client.listen('snapshot.changed', ({ revision }) => snapshots.push(revision));
    const heard = new Promise<TestReport>((resolve) => client.listen('test.progressed', resolve));
    await client.call('snapshot.get', undefined);
    const report: TestReport = { run: 'run-0001', status: 'running', plan: ['dns'], results: [] };
    for (const listener of fake.testListeners) listener(report);
    expect([await heard, snapshots]).toEqual([report, []]);
    client.close();
    await expect.poll(() => fake.testListeners.size).toBe(0);
  });

  it('belongs to this user alone', async () => {
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect((await stat(join(folder, 'run'))).mode & 0o777).toBe(0o700);
  });

  it('is the lock of the home folder', async () => {
    const second = startControlServer({ path, api: fake.api, version: '1', log: nullLogger });
    await expect(second).rejects.toMatchObject({ info: { code: 'app/already-running' } });
  });

  it('cuts off whoever does not speak its language, and goes on', async () => {
    const stranger = connect(path);
    stranger.resume();
    stranger.write('GET / HTTP/1.1\r\n\r\n');
    await new Promise((resolve) => stranger.once('close', resolve));
    const client = await ControlClient.connect(path);
    expect(await client.call('snapshot.get', undefined)).toMatchObject({ revision: 1 });
    client.close();
  });

  it('tells a waiting call that the app has gone', async () => {
    const client = await ControlClient.connect(path);
    const never = new Promise<never>(() => {});
    Object.assign(fake.api.handlers, { 'snapshot.get': () => never });
    const call = client.call('snapshot.get', undefined);
    await server.close();
    await expect(call).rejects.toMatchObject({ info: { code: 'app/not-running' } });
  });
});

it('says that the app is not running where there is no socket', async () => {
  await expect(ControlClient.connect(join(folder, 'nobody.sock'))).rejects.toMatchObject({
    info: { code: 'app/not-running' },
  });
});

describe('the line splitter', () => {
  it('puts characters together that were cut apart', () => {
    const split = createLineSplitter();
    const bytes = Buffer.from('"é"\n"b"\nrest');
    expect([...split(bytes.subarray(0, 2)), ...split(bytes.subarray(2))]).toEqual(['"é"', '"b"']);
  });

  it('refuses a line that never ends', () => {
    const split = createLineSplitter();
    expect(() => split(Buffer.alloc(MAX_LINE_BYTES + 1, 'a'))).toThrow(RangeError);
  });
});
