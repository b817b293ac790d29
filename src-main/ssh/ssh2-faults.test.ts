// One test for each fault of ssh2 that others have met: none of them is met here. The numbers are issues of mscdex/ssh2.
import { createHash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';

import ssh2 from 'ssh2';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { nullLogger } from '../platform/testing/null-logger.ts';
import type { Channel } from './link.ts';
import { LocalForward } from './local-forward.ts';
import { listening, openLine, startDelay, type OpenLine } from './testing/open-line.ts';
import { startPrivateSshd, type PrivateSshd } from './testing/private-sshd.ts';
import { realClock } from './testing/real-ports.ts';
import { until } from './testing/until.ts';

const MIB = 1024 * 1024;
const ORIGIN = { address: '127.0.0.1', port: 0 };

let sshd: PrivateSshd;
let remote: Server;
let serve: (socket: Socket) => void;
let cleanUps: (() => unknown)[];

beforeEach(async () => {
  sshd = await startPrivateSshd();
  cleanUps = [];
  serve = (socket) => socket.pipe(socket);
  remote = createServer({ allowHalfOpen: true }, (socket) => serve(socket.on('error', () => {})));
});

afterEach(async () => {
  for (const cleanUp of cleanUps.toReversed()) await cleanUp();
  await sshd.stop();
  await new Promise((resolve) => remote.close(resolve));
});

async function line(sshPort = sshd.port, clock = realClock): Promise<OpenLine> {
  const toPort = remote.listening ? portOf(remote) : await listening(remote);
  const opened = await openLine(sshd, { sshPort, toPort }, clock);
  cleanUps.push(() => opened.connection.close());
  return opened;
}

async function forward(source: OpenLine['connection']): Promise<LocalForward> {
  const opened = await LocalForward.open({ port: 0, clock: realClock, log: nullLogger, onTrouble: () => {} });
  cleanUps.push(() => opened.close());
  opened.attach(source);
  return opened;
}

const portOf = (server: Server): number => {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
};
const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
/** How many channels ssh2 keeps. */
const channelsOf = (client: ssh2.Client): number =>
  Object.keys((client as unknown as { _chanMgr: { _channels: object } })._chanMgr._channels).length;

describe('what waits for the window when a client leaves (#1508)', () => {
  it('arrives to the last byte', async () => {
    const hash = createHash('sha256');
    const finished = new Promise<void>((resolve) => {
      serve = (socket) => {
        // Slower than the window, so that much of it waits when the client is gone.
        socket.on('data', (chunk: Buffer) => {
          hash.update(chunk);
          socket.pause();
          setImmediate(() => socket.resume());
        });
        socket.once('end', () => resolve(void socket.end()));
      };
    });
    const { port } = await forward((await line()).connection);
    const content = randomBytes(12 * MIB);
    connect({ host: '127.0.0.1', port }).end(content);
    await finished;
    expect(hash.digest('hex')).toBe(sha256(content));
  });
});

describe('a server that sends more than it may (#1505)', () => {
  it('is cut off before it has filled the memory', async () => {
    let sent = 0;
    const hostile = new ssh2.Server({ hostKeys: [readFileSync(`${sshd.dir}/host_key`)] }, (guest) => {
      guest.on('error', () => {}).on('authentication', (context) => context.accept());
      guest.on('ready', () =>
        guest.on('tcpip', (accept) => {
          const channel = accept().on('error', () => {});
          // As if the client had allowed everything.
          (channel as unknown as { outgoing: { window: number } }).outgoing.window = Number.POSITIVE_INFINITY;
          for (; sent < 24 * MIB; sent += MIB) channel.write(Buffer.alloc(MIB));
        }),
      );
    });
    await new Promise<void>((resolve) => void hostile.listen(0, '127.0.0.1', resolve));
    cleanUps.push(() => new Promise((resolve) => hostile.close(resolve)));
    const { port } = hostile.address() as { port: number };
    const { connection } = await line(port);
    const channel = await connection.openChannel(ORIGIN);
    const reason = await connection.lost;
    expect(reason.info.code).toBe('ssh/connection-lost');
    expect(sent).toBe(24 * MIB);
    expect(channel.readableLength).toBeLessThan(2.5 * MIB);
  });
});

describe('a socket that takes nothing more (#460)', () => {
  it('stops all senders, so that a line that stands still costs little memory', async () => {
    const { connection, socket } = await line();
    const { port } = await forward(connection);
    const clients = Array.from({ length: 20 }, () => connect({ host: '127.0.0.1', port }));
    for (const client of clients) {
      cleanUps.push(() => client.destroy());
      client.on('error', () => {}).write('x');
      await new Promise((resolve) => client.once('data', resolve));
    }
    sshd.freezeSessions();
    for (const client of clients) client.write(Buffer.alloc(8 * MIB));
    await until('a full queue', () => connection.isCongested);
    let before = -1;
    await until('a queue that grows no more', () => {
      const stands = before === socket.writableLength;
      before = socket.writableLength;
      return stands;
    });
    // Each sender has read at most one piece more than the queue could take; ssh2 alone would queue 40 MiB.
    expect(socket.writableLength).toBeLessThan(256 * 1024 + 20 * 70_000);
    await sshd.kill();
  });
});

describe('errors that come late (#188, #864, #902, #969, #1022, #1105)', () => {
  it('end the line and not the process', async () => {
    const { connection, client, socket } = await line();
    const channel = await connection.openChannel(ORIGIN);
    await sshd.kill();
    expect((await connection.lost).info.code).toBe('ssh/connection-lost');
    const closed = connection.close();
    const late = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
    expect(() => client.emit('error', late)).not.toThrow();
    expect(() => channel.emit('error', late)).not.toThrow();
    await closed;
    expect(socket.destroyed).toBe(true);
  });
});

describe('channels that did not open, or were used (#329, #1012)', () => {
  it('leave nothing behind', async () => {
    const { connection, client } = await line();
    await Promise.all(Array.from({ length: 200 }, () => useOnce(connection)));
    await until('no channel', () => channelsOf(client) === 0);
    await new Promise((resolve) => remote.close(resolve));
    const failed = Array.from({ length: 200 }, () => connection.openChannel(ORIGIN));
    const outcomes = await Promise.allSettled(failed);
    expect(outcomes.every(({ status }) => status === 'rejected')).toBe(true);
    expect(channelsOf(client)).toBe(0);
  });
});

describe('a socket that is already gone', () => {
  it('is told as a rejection, though ssh2 throws', async () => {
    const { connection, socket } = await line();
    socket.destroy();
    await connection.lost;
    await expect(connection.openChannel(ORIGIN)).rejects.toMatchObject({ info: { code: 'ssh/connection-lost' } });
    expect((await connection.probe(1_000)).problem?.info.code).toBe('ssh/connection-lost');
  });
});

describe('spare channels', () => {
  const idle = () => new Promise<number>((resolve) => remote.getConnections((_error, count) => resolve(count)));

  it('save a new connection the way to a server far away, whole and unmixed', async () => {
    let accepted = 0;
    remote.on('connection', () => (accepted += 1));
    const delay = await startDelay(sshd.port, 15);
    cleanUps.push(() => delay.stop());
    const { connection } = await line(delay.port);
    await connection.probe(4_000);
    expect(await idle()).toBe(1);
    const order: string[] = [];
    const opening = connection.openChannel(ORIGIN).then((channel) => {
      order.push('opened');
      return channel;
    });
    setImmediate(() => order.push('next turn'));
    const channel = await opening;
    expect(order).toEqual(['opened']);
    const content = randomBytes(4 * MIB);
    expect(sha256(await roundTrip(channel, content))).toBe(sha256(content));
    // The one that was used has a successor, and each look at the line replaces the oldest.
    for (let look = 0; look < 4; look += 1) await connection.probe(4_000);
    await expect.poll(idle).toBe(2);
    expect(accepted).toBe(6);
  });

  it('are not kept nearby, where the far port would see connections in vain', async () => {
    const { connection } = await line();
    for (let look = 0; look < 3; look += 1) await connection.probe(4_000);
    await expect.poll(idle).toBe(0);
  });

  it('wait while the line is silent: it may be gone, and whoever has one goes with it', async () => {
    const delay = await startDelay(sshd.port, 15);
    cleanUps.push(() => delay.stop());
    let laterMs = 0;
    const { connection } = await line(delay.port, { ...realClock, now: () => realClock.now() + laterMs });
    let accepted = 0;
    remote.on('connection', () => (accepted += 1));
    await connection.probe(4_000);
    laterMs = 5_000;
    await useOnce(connection);
    expect(accepted).toBe(2);
  });

  it('are not given to anybody once the far port has closed them', async () => {
    const delay = await startDelay(sshd.port, 15);
    cleanUps.push(() => delay.stop());
    const waiting: Socket[] = [];
    serve = (socket) => void waiting.push(socket.resume());
    const { connection, client } = await line(delay.port);
    await connection.probe(4_000);
    await until('a spare', () => waiting.length === 1);
    waiting[0]?.destroy();
    await until('no channel', () => channelsOf(client) === 0);
    serve = (socket) => socket.pipe(socket);
    expect((await roundTrip(await connection.openChannel(ORIGIN), Buffer.from('hello'))).toString()).toBe('hello');
  });
});

async function useOnce(connection: OpenLine['connection']): Promise<void> {
  const channel = await connection.openChannel(ORIGIN);
  expect((await roundTrip(channel, Buffer.from('hello'))).toString()).toBe('hello');
}

/** Sends, half-closes, and collects what an echo gives back. */
async function roundTrip(channel: Channel, content: Buffer): Promise<Buffer> {
  const received: Buffer[] = [];
  channel.on('data', (chunk: Buffer) => received.push(chunk));
  const ended = new Promise((resolve) => channel.once('end', resolve));
  channel.end(content);
  await ended;
  channel.close();
  return Buffer.concat(received);
}
