import { spawn } from 'node:child_process';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

import { afterEach, describe, expect, it } from 'vitest';

import { nodeClock } from '../platform/node-clock.ts';
import { FakeClock } from '../platform/testing/fake-clock.ts';
import { openSocket, type Pace } from './open-socket.ts';

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

const eager = { host: '127.0.0.1', timeoutMs: 10_000, pace: { everyMs: 250, isPatient: true } as const };
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

const DEAF = `require('node:net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, function () {
  process.stdout.write(String(this.address().port));
})`;

/** A port whose SYNs go unanswered: its program is stopped and its queue is full. Linux drops what comes then. */
async function startDeafServer(): Promise<{ readonly port: number; readonly stop: () => void }> {
  const child = spawn(process.execPath, ['-e', DEAF], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [text] = (await once(child.stdout, 'data')) as [Buffer];
  const port = Number(text);
  child.kill('SIGSTOP');
  const queue: Socket[] = [];
  const stop = (): void => {
    for (const socket of queue) socket.destroy();
    child.kill('SIGKILL');
  };
  for (;;) {
    const socket = connect({ port, host: '127.0.0.1' }).on('error', () => {});
    queue.push(socket);
    const isAnswered = await Promise.race([once(socket, 'connect').then(() => true), delay(200, false)]);
    if (!isAnswered) return { port, stop };
  }
}

describe.runIf(process.platform === 'linux')(
  'a server that does not answer (made by a full queue, as on Linux)',
  () => {
    it.each<[Pace, number]>([
      [{ everyMs: 250, isPatient: false }, 20],
      // The other four of twenty SYNs in five seconds are the kernel's repeats of the first.
      [{ everyMs: 250, isPatient: true }, 16],
      [{ everyMs: 500, isPatient: false }, 10],
      [{ everyMs: 500, isPatient: true }, 6],
      ['kernel', 1],
    ])('is dialled at the pace %j %i times in five seconds, with four at most in flight', async (pace, dials) => {
      const { port, stop } = await startDeafServer();
      const dialled: Socket[] = [];
      const count = (message: unknown): void => void dialled.push((message as { socket: Socket }).socket);
      subscribe('net.client.socket', count);
      try {
        const clock = new FakeClock();
        const opening = openSocket({ host: '127.0.0.1', port, timeoutMs: 4_960, pace, clock }, never);
        opening.catch(() => {});
        for (let atMs = 0; atMs < 4_950; atMs += 50) {
          await clock.advance(50);
          expect(dialled.filter((socket) => !socket.destroyed).length).toBeLessThanOrEqual(4);
        }
        await clock.advance(10);
        await expect(opening).rejects.toMatchObject({ code: 'ETIMEDOUT' });
        expect(dialled).toHaveLength(dials);
        expect(dialled.every((socket) => socket.destroyed)).toBe(true);
        expect(clock.pendingTimers).toBe(0);
      } finally {
        unsubscribe('net.client.socket', count);
        stop();
      }
    });
  },
);
