import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { RunningGateway } from '../gateway.ts';
import { RawClient, runOptions, startTestGateway } from '../testing/gateway-harness.ts';

let home: string;
let gateway: RunningGateway;
let admin: RawClient;
beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'gangway-methods-'));
  gateway = await startTestGateway({ home });
  admin = await RawClient.open(gateway.port);
  await admin.connect({ scopes: ['operator.admin'] });
});
afterAll(async () => {
  await gateway.stop('test is over');
  rmSync(home, { recursive: true, force: true });
});

describe('config.patch', () => {
  it('changes what it is based on, and tells everybody who may read', async () => {
    const { hash } = (await admin.request('config.get')).payload as unknown as { hash: string };
    const raw = JSON.stringify({ gateway: { port: 19_001 } });
    expect(await admin.request('config.patch', { raw, baseHash: hash })).toMatchObject({
      payload: { ok: true, hash: 'r1', config: { gateway: { port: 19_001 } }, changedPaths: ['gateway'] },
    });
    const { payload } = await admin.next(({ event }) => event === 'config.changed');
    expect(payload).toMatchObject({ path: '/memory/gateway.json5', hash: 'r1' });
  });

  it.each([
    [{ raw: '{}' }, 'config base hash required'],
    [{ raw: '{}', baseHash: 'old' }, 'config changed since last load'],
    [{ raw: '{"fault":1}', baseHash: 'r1' }, 'invalid config: gateway.port: fault'],
    [{ raw: '' }, 'invalid config.patch params: at /raw'],
  ])('%j is refused', async (params, message) => {
    const { error } = await admin.request('config.patch', params);
    expect(error).toMatchObject({ code: 'INVALID_REQUEST' });
    expect(error?.message).toContain(message);
  });

  it('needs admin', async () => {
    const reader = await RawClient.open(gateway.port);
    await reader.connect({ scopes: ['operator.write'] });
    expect(await reader.request('config.patch', { raw: '{}' })).toMatchObject({ error: { code: 'FORBIDDEN' } });
    reader.socket.close();
  });

  it('by others is told once it is taken over, once per content', async () => {
    const before = admin.frames.filter(({ event }) => event === 'config.changed').length;
    gateway.reload({
      ...runOptions,
      home,
      controlUi: { ...runOptions.controlUi, allowedOrigins: ['https://gw.example'] },
    });
    const { config } = (await admin.request('config.get')).payload as unknown as { config: unknown };
    expect(config).toMatchObject({ gateway: { controlUi: { allowedOrigins: ['https://gw.example'] } } });
    expect(admin.frames.filter(({ event }) => event === 'config.changed')).toHaveLength(before);
  });
});

describe('logs.tail', () => {
  const line = (message: string): string =>
    `${JSON.stringify({ time: 'T', level: 'warn', source: 'gateway', message })}\n`;
  const tail = async (params: object): Promise<{ cursor: number; lines: string[] }> =>
    (await admin.request('logs.tail', params)).payload as never;

  it('gives the newest lines in the form of the protocol, goes on from its cursor, and notices another file', async () => {
    expect(await tail({})).toMatchObject({ lines: [], cursor: 0 });
    mkdirSync(join(home, 'logs'));
    const file = join(home, 'logs', 'gateway.log');
    writeFileSync(file, `${line('one')}${line('two')}${line('three')}`);
    const first = await tail({ limit: 2 });
    expect(first).toMatchObject({ file, truncated: true });
    expect(first.lines.map((each) => JSON.parse(each) as unknown)).toMatchObject([
      { message: 'two' },
      { message: 'three', _meta: { logLevelName: 'WARN' } },
    ]);
    appendFileSync(file, `${line('four')}{"message":"half`);
    const second = await tail({ cursor: first.cursor });
    expect(second.lines).toHaveLength(1);
    appendFileSync(file, ' a line"}\nnot JSON\n');
    expect(await tail({ cursor: second.cursor })).toMatchObject({
      lines: [{}, 'not JSON'].map(() => expect.any(String) as unknown),
    });
    expect(await tail({ maxBytes: 60 })).toMatchObject({ truncated: true });
    writeFileSync(file, line('new'));
    expect(await tail({ cursor: second.cursor })).toMatchObject({
      reset: true,
      lines: [expect.stringContaining('new')],
    });
  });
});

describe('the rest', () => {
  it('wakes the agent now, or leaves word for the next time', async () => {
    await admin.request('wake', { mode: 'next-heartbeat', text: 'later', sessionKey: 'woken' });
    await admin.request('wake', { mode: 'now', text: '/tools', sessionKey: 'woken' });
    await admin.next(
      ({ event, payload }) => event === 'chat' && (payload as unknown as { state: string }).state === 'final',
    );
    const history = (await admin.request('chat.history', { sessionKey: 'woken' })).payload;
    expect(history).toMatchObject({ messages: [{ content: 'later' }, { content: '/tools' }, { role: 'assistant' }] });
  });

  it('waits for a run only as long as it is told', async () => {
    expect(await admin.request('agent.wait', { runId: 'nobody', timeoutMs: 0 })).toMatchObject({
      payload: { runId: 'nobody', status: 'timeout' },
    });
  });

  it('counts what happened by its kind', async () => {
    expect(await admin.request('diagnostics.stability', { type: 'gateway.started' })).toMatchObject({
      payload: { count: 1, dropped: 0, summary: { byType: { 'gateway.started': 1 } } },
    });
  });
});
