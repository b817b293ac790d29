import type { Socket } from 'node:net';

import { afterEach, describe, expect, it } from 'vitest';

import { FakeClock } from '../platform/testing/fake-clock.ts';
import type { RunningGateway } from './gateway.ts';
import { nodeHost, RawClient, runOptions, startTestGateway, TestDevice } from './testing/gateway-harness.ts';

let gateway: RunningGateway;
afterEach(() => gateway.stop('test is over'));

async function operator(): Promise<RawClient> {
  const client = await RawClient.open(gateway.port);
  await client.connect({ scopes: ['operator.admin'] });
  return client;
}

/** A client that does not answer a close, and goes on. Resolves once it has been told. */
function makeDeaf({ socket }: RawClient): Promise<void> {
  const { _receiver: receiver } = socket as unknown as { _receiver: NodeJS.EventEmitter };
  receiver.removeAllListeners('conclude');
  return new Promise((resolve) => void receiver.once('conclude', () => resolve()));
}

/** Sends it, and is gone when the gateway has read it. */
async function sayLast(client: RawClient, request: unknown): Promise<void> {
  client.send(request);
  const { _socket: stream } = client.socket as unknown as { _socket: Socket };
  stream.end();
  await client.closed;
}

describe('whoever was told to go and does not', () => {
  const ask = { type: 'req', id: 'late', method: 'sessions.create', params: { key: 'late' } };
  const lateSession = async (client: RawClient) =>
    (await client.request('sessions.describe', { key: 'late' })).payload as unknown;

  it('is not obeyed when its device was removed', async () => {
    gateway = await startTestGateway();
    const admin = await operator();
    const device = new TestDevice();
    const removed = await RawClient.open(gateway.port);
    await device.connect(removed, { scopes: ['operator.write'] });
    const told = makeDeaf(removed);
    await admin.request('device.pair.remove', { deviceId: device.id });
    await told;
    await sayLast(removed, ask);
    expect(await lateSession(admin)).toEqual({ session: null });
    admin.socket.close();
  });

  it('is not obeyed when the secret is another one', async () => {
    gateway = await startTestGateway();
    const old = await operator();
    const told = makeDeaf(old);
    const token = 'another-token-that-is-long-enough';
    gateway.reload({ ...runOptions, auth: { mode: 'token', token } });
    await told;
    await sayLast(old, ask);
    const admin = await RawClient.open(gateway.port);
    await admin.connect({ auth: { token } });
    expect(await lateSession(admin)).toEqual({ session: null });
    admin.socket.close();
  });
});

describe('a stop', () => {
  it('finishes what was begun, begins nothing, and lets nobody in meanwhile', async () => {
    gateway = await startTestGateway();
    const admin = await operator();
    const device = new TestDevice();
    const node = await RawClient.open(gateway.port);
    await device.connect(node, { client: nodeHost, role: 'node', scopes: [], more: { commands: ['system.which'] } });
    const { payload } = await admin.request('node.pair.list');
    const [{ requestId }] = (payload as unknown as { pending: [{ requestId: string }] }).pending;
    await admin.request('node.pair.approve', { requestId });
    const begun = admin.request('node.invoke', { nodeId: device.id, command: 'system.which', idempotencyKey: 'k' });
    const { payload: request } = await node.next(({ event }) => event === 'node.invoke.request');
    const stranger = await RawClient.open(gateway.port);

    const stopped = gateway.stop('gateway stopping');
    await admin.next(({ event }) => event === 'shutdown');
    expect(await stranger.closed).toEqual({ code: 1012, reason: 'service restart' });
    expect((await admin.request('health')).error).toMatchObject({
      code: 'UNAVAILABLE',
      details: { reason: 'gateway-restarting' },
      retryable: true,
    });
    const { id } = request as unknown as { id: string };
    const answer = { id, nodeId: device.id, ok: true, payloadJSON: '{"found":true}' };
    expect(await node.request('node.invoke.result', answer)).toMatchObject({ ok: true });
    expect(await begun).toMatchObject({ ok: true, payload: { payload: { found: true } } });
    expect(await admin.closed).toEqual({ code: 1012, reason: 'service restart' });
    await stopped;
  });

  it('lets a request over HTTP have its answer', async () => {
    const clock = new FakeClock();
    gateway = await startTestGateway({}, clock);
    const before = clock.pendingTimers;
    // A wrong secret is answered late on this computer.
    const answer = fetch(`${gateway.url}/v1/models`, { headers: { authorization: 'Bearer wrong' } });
    await expect.poll(() => clock.pendingTimers).toBe(before + 1);
    const stopped = gateway.stop('gateway stopping');
    await clock.advance(250);
    expect((await answer).status).toBe(401);
    await stopped;
    expect(clock.pendingTimers).toBe(0);
  });
});
