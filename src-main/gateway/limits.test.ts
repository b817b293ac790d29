import { once } from 'node:events';
import { connect } from 'node:net';

import { afterEach, describe, expect, it } from 'vitest';

import type { GatewayAuth } from '../contract/gateway-host.ts';
import { FakeClock } from '../platform/testing/fake-clock.ts';
import type { RunningGateway } from './gateway.ts';
import { nodeHost, RawClient, runOptions, startTestGateway, TestDevice, TOKEN } from './testing/gateway-harness.ts';

let gateway: RunningGateway;
afterEach(() => gateway.stop('test is over'));

const MEBIBYTE = 1024 * 1024;

describe('one connection', () => {
  it('has 128 requests answered at a time; the next may come again', async () => {
    gateway = await startTestGateway();
    const nodeClient = await RawClient.open(gateway.port);
    const device = new TestDevice();
    const offer = { client: nodeHost, role: 'node', scopes: [], more: { commands: ['system.which'] } };
    await device.connect(nodeClient, offer);
    const admin = await RawClient.open(gateway.port);
    await admin.connect({ scopes: ['operator.admin'] });
    const { payload } = await admin.request('node.pair.list');
    const [{ requestId }] = (payload as unknown as { pending: [{ requestId: string }] }).pending;
    await admin.request('node.pair.approve', { requestId });
    const ask = (key: number) =>
      admin.request('node.invoke', { nodeId: device.id, command: 'system.which', idempotencyKey: `k${key % 60}` });
    const answers = Array.from({ length: 130 }, (_, index) => ask(index));
    const refusal = { code: 'UNAVAILABLE', retryable: true, retryAfterMs: 250 };
    expect((await answers[128])?.error).toMatchObject(refusal);
    expect((await answers[129])?.error).toMatchObject(refusal);
    nodeClient.socket.close();
    const outcomes = await Promise.all(answers.slice(0, 128));
    expect(new Set(outcomes.map(({ error }) => error?.message))).toEqual(new Set(['DISCONNECTED: node disconnected']));
    admin.socket.close();
  });
});

describe('other credentials', () => {
  it('end who came in with the old ones, and let in who knows the new', async () => {
    gateway = await startTestGateway();
    const before = await RawClient.open(gateway.port);
    await before.connect();
    const device = new TestDevice();
    const paired = await RawClient.open(gateway.port);
    const hello = await device.connect(paired);
    const { deviceToken } = (hello.payload as unknown as { auth: { deviceToken: string } }).auth;
    const token = 'another-token-that-is-long-enough';
    gateway.reload({ ...runOptions, auth: { mode: 'token', token } });
    expect(await before.closed).toEqual({ code: 4001, reason: 'gateway auth changed' });
    expect(await paired.closed).toMatchObject({ code: 4001 });
    const old = await RawClient.open(gateway.port);
    expect(await old.connect({ auth: { token: TOKEN } })).toMatchObject({ ok: false });
    for (const auth of [{ token }, { password: token }]) {
      const client = await RawClient.open(gateway.port);
      expect(await client.connect({ auth })).toMatchObject({ ok: true });
      client.socket.close();
    }
    // A device was paired by name, not by the secret of that day.
    const again = await RawClient.open(gateway.port);
    expect(await device.connect(again, { auth: { deviceToken } })).toMatchObject({ ok: true });
    again.socket.close();
  });

  it.each<[GatewayAuth, Record<string, unknown>]>([
    [
      { mode: 'password', password: 'a-password-that-is-long-enough' },
      { auth: { password: 'a-password-that-is-long-enough' } },
    ],
    [{ mode: 'none' }, { auth: undefined }],
  ])('of another kind do the same: %j', async (auth, params) => {
    gateway = await startTestGateway();
    const before = await RawClient.open(gateway.port);
    await before.connect();
    gateway.reload({ ...runOptions, auth });
    expect(await before.closed).toEqual({ code: 4001, reason: 'gateway auth changed' });
    const client = await RawClient.open(gateway.port);
    expect(await client.connect(params)).toMatchObject({ ok: true, payload: { snapshot: { authMode: auth.mode } } });
    client.socket.close();
  });

  it('that are the same as before disturb nobody', async () => {
    gateway = await startTestGateway();
    const client = await RawClient.open(gateway.port);
    await client.connect();
    gateway.reload({ ...runOptions, trustedProxies: ['10.0.0.1'] });
    expect(await client.request('health')).toMatchObject({ ok: true });
    client.socket.close();
  });

  it('that would open the gateway to others are refused', async () => {
    gateway = await startTestGateway({ bind: 'custom', host: '127.0.0.2' });
    const weak = { ...runOptions, auth: { mode: 'token', token: 'weak' } } as const;
    expect(() => gateway.reload(weak)).toThrow(
      expect.objectContaining({ info: { code: 'gateway/bind-needs-secret', params: { bind: 'custom' } } }),
    );
  });
});

describe('a gateway without a secret', () => {
  it.each([
    ['/v1/models', '127.0.0.1', 200],
    ['/v1/models', 'evil.example', 403],
    ['/', 'evil.example', 403],
    ['/health', 'evil.example', 200],
  ])('answers GET %s for %s with %i', async (path, host, status) => {
    gateway = await startTestGateway({ auth: { mode: 'none' }, controlUi: { ...runOptions.controlUi, enabled: true } });
    expect(await rawRequest(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`)).toContain(
      ` ${status} `,
    );
  });

  it('lets no page of a foreign name in', async () => {
    gateway = await startTestGateway({ auth: { mode: 'none' } });
    await expect(RawClient.open(gateway.port, { host: 'evil.example' })).rejects.toThrow('403');
    const client = await RawClient.open(gateway.port);
    expect(await client.connect({ auth: undefined })).toMatchObject({ ok: true });
    client.socket.close();
  });
});

describe('a request', () => {
  it('that announces more than 20 MiB is refused, once the secret is right', async () => {
    gateway = await startTestGateway();
    const head = `POST /v1/models HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: ${21 * MEBIBYTE}\r\n`;
    expect(await rawRequest(`${head}\r\n`)).toContain(' 401 ');
    expect(await rawRequest(`${head}Authorization: Bearer ${TOKEN}\r\n\r\n`)).toContain(' 413 ');
  });

  it('through a trusted proxy is counted for the client it names', async () => {
    gateway = await startTestGateway({ trustedProxies: ['127.0.0.1'] });
    const guess = (client: string, token = 'wrong') =>
      fetch(`${gateway.url}/v1/models`, { headers: { 'x-forwarded-for': client, authorization: `Bearer ${token}` } });
    for (let attempt = 0; attempt < 10; attempt += 1) expect((await guess('203.0.113.7')).status).toBe(401);
    expect((await guess('203.0.113.7', TOKEN)).status).toBe(429);
    expect((await guess('203.0.113.8', TOKEN)).status).toBe(200);
  });
});

it('gives a client another try only after the time that was configured', async () => {
  const clock = new FakeClock();
  const rateLimit = { maxAttempts: 3, windowMs: 8_000, lockoutMs: 9_000, exemptLoopback: false };
  gateway = await startTestGateway({ rateLimit }, clock);
  const ask = (token: string) => fetch(`${gateway.url}/v1/models`, { headers: { authorization: `Bearer ${token}` } });
  for (let attempt = 0; attempt < 3; attempt += 1) expect((await ask('wrong')).status).toBe(401);
  const locked = await ask(TOKEN);
  expect([locked.status, locked.headers.get('retry-after')]).toEqual([429, '9']);
  await clock.advance(9_000);
  expect((await ask(TOKEN)).status).toBe(200);
});

/** The first line of the answer to bytes as they are. */
async function rawRequest(text: string): Promise<string> {
  const socket = connect(gateway.port, '127.0.0.1');
  socket.write(text);
  const [chunk] = (await once(socket, 'data')) as [Buffer];
  socket.destroy();
  return chunk.toString('latin1').split('\r\n')[0] ?? '';
}
