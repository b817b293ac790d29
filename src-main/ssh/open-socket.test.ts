import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';

import { afterEach, describe, expect, it } from 'vitest';

import { nodeClock } from '../platform/node-clock.ts';
import { FakeClock } from '../platform/testing/fake-clock.ts';
import { openSocket } from './open-socket.ts';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

async function listen(): Promise<{ port: number; accepted: Socket[] }> {
  const accepted: Socket[] = [];
  const server = createServer((socket) => accepted.push(socket.on('error', () => {})));
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { port: (server.address() as AddressInfo).port, accepted };
}

const eager = { host: '127.0.0.1', timeoutMs: 10_000, isEager: true };
const never = new AbortController().signal;

describe('a socket for SSH', () => {
  it('is the first that is answered, and the only one', async () => {
    const { port, accepted } = await listen();
    const clock = new FakeClock();
    const socket = await openSocket({ ...eager, port, clock }, never);
    await clock.advance(5_000);
    expect(clock.pendingTimers).toBe(0);
    expect(accepted).toHaveLength(1);
    socket.destroy();
  });

  it('is refused at once where nothing listens, with no timer left', async () => {
    const { port } = await listen();
    const [server] = servers.splice(0);
    await new Promise((resolve) => server?.close(resolve));
    const clock = new FakeClock();
    await expect(openSocket({ ...eager, port, clock }, never)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    expect(clock.pendingTimers).toBe(0);
  });

  it('ends with the reason of whoever stops it', async () => {
    const { port } = await listen();
    const abort = new AbortController();
    const opening = openSocket({ ...eager, port, clock: nodeClock }, abort.signal);
    abort.abort(new Error('stopped'));
    await expect(opening).rejects.toThrow('stopped');
  });
});
