import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** Bytes that one bulk run carries. */
export const BULK_BYTES = 256 * 1024 * 1024;
export const CHUNK_BYTES = 256 * 1024;

/** The first byte of a connection tells the server what it is for; four more how many bytes it is about. */
export const PURPOSE = { up: 1, down: 2, echo: 3 } as const;
export const REQUEST_LENGTH = 5;

const MESSAGE = Buffer.alloc(64, 1);
const ENDLESS = 0xffff_ffff;
const CONNECTION_TIMEOUT_MS = 20_000;

/** Sends `BULK_BYTES` until the server has said that it has all of them. Returns milliseconds. */
export async function sendBulk(port: number): Promise<number> {
  const socket = await open(port);
  const chunk = Buffer.alloc(CHUNK_BYTES, 1);
  const confirmed = once(socket, 'data');
  // A connection that is cut off is told below.
  confirmed.catch(() => undefined);
  const startMs = performance.now();
  socket.write(request(PURPOSE.up, BULK_BYTES));
  for (let left = BULK_BYTES; left > 0; left -= CHUNK_BYTES) {
    if (!socket.write(chunk)) await once(socket, 'drain');
  }
  await confirmed;
  const tookMs = performance.now() - startMs;
  socket.destroy();
  return tookMs;
}

/** Asks for so many bytes and throws them away. Returns milliseconds. */
export async function receiveBulk(port: number, bytes = BULK_BYTES): Promise<number> {
  const finished = Promise.withResolvers<void>();
  let left = bytes;
  const count = (read: number): boolean => {
    left -= read;
    if (left <= 0) finished.resolve();
    return true;
  };
  // One buffer for everything: the measuring side should cost as little as it can.
  const onread = { buffer: Buffer.alloc(CHUNK_BYTES), callback: count };
  const socket = connect({ host: '127.0.0.1', port, noDelay: true, onread });
  socket.once('error', finished.reject);
  socket.once('close', () => finished.reject(new Error(`The download ended ${left} bytes too early.`)));
  await once(socket, 'connect');
  const startMs = performance.now();
  socket.write(request(PURPOSE.down, bytes));
  await finished.promise;
  const tookMs = performance.now() - startMs;
  socket.destroy();
  return tookMs;
}

/** So many uploads at once that go on until they are stopped; resolves when each has begun. */
export async function startUploads(port: number, count: number): Promise<{ readonly stop: () => void }> {
  const chunk = Buffer.alloc(CHUNK_BYTES, 1);
  const start = async (): Promise<Socket> => {
    const socket = await open(port);
    const fill = (): void => {
      while (socket.writable && socket.write(chunk));
    };
    socket.write(request(PURPOSE.up, ENDLESS));
    socket.on('drain', fill);
    fill();
    return socket;
  };
  const sockets = await Promise.all(Array.from({ length: count }, start));
  return {
    stop: () => {
      for (const socket of sockets) socket.destroy();
    },
  };
}

/** Round trips of 64 bytes on one connection, each in microseconds. */
export async function echoTrips(port: number, count: number): Promise<number[]> {
  const socket = await open(port);
  socket.write(request(PURPOSE.echo, 0));
  const trips: number[] = [];
  for (let index = 0; index < count; index += 1) {
    const startMs = performance.now();
    await trip(socket);
    trips.push((performance.now() - startMs) * 1_000);
  }
  socket.destroy();
  return trips;
}

/**
 * A new connection, one echo and its end; milliseconds.
 *
 * @throws Error when it is refused or ends without the echo
 */
export async function openAndEcho(port: number): Promise<number> {
  const { socket, tookMs } = await openWithEcho(port);
  socket.destroy();
  return tookMs;
}

/** So many connections at once, all of them open until the last has its echo. */
export async function crowd(port: number, count: number): Promise<{ readonly ms: number; readonly errors: number }> {
  const startMs = performance.now();
  const outcomes = await Promise.allSettled(Array.from({ length: count }, () => openWithEcho(port)));
  const ms = performance.now() - startMs;
  const reached = outcomes.filter((outcome) => outcome.status === 'fulfilled');
  for (const { value } of reached) value.socket.destroy();
  return { ms, errors: count - reached.length };
}

async function openWithEcho(port: number): Promise<{ readonly socket: Socket; readonly tookMs: number }> {
  const startMs = performance.now();
  const socket = await open(port);
  socket.write(request(PURPOSE.echo, 0));
  await trip(socket);
  return { socket, tookMs: performance.now() - startMs };
}

export function request(purpose: number, bytes: number): Buffer {
  const header = Buffer.alloc(REQUEST_LENGTH, purpose);
  header.writeUInt32BE(bytes, 1);
  return header;
}

async function open(port: number): Promise<Socket> {
  const socket = connect({ host: '127.0.0.1', port, noDelay: true });
  socket.setTimeout(CONNECTION_TIMEOUT_MS, () => socket.destroy(new Error('No answer in time.')));
  await once(socket, 'connect');
  // Whoever waits for an answer sees 'close'; unhandled, the error would end the process.
  socket.on('error', () => undefined);
  return socket;
}

function trip(socket: Socket): Promise<void> {
  return new Promise((resolve, reject) => {
    let left = MESSAGE.length;
    const read = (chunk: Buffer): void => {
      left -= chunk.length;
      if (left > 0) return;
      socket.off('data', read).off('close', lose);
      resolve();
    };
    const lose = (): void => reject(new Error('The connection ended without an echo.'));
    socket.on('data', read).once('close', lose);
    socket.write(MESSAGE);
  });
}
