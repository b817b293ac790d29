import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';

import { afterEach, describe, expect, it } from 'vitest';

import { connectWithOneBuffer, readInPlace } from './read-in-place.ts';

const open: { destroy(): void }[] = [];
afterEach(() => {
  for (const one of open.splice(0)) one.destroy();
});

/** Our end and that of the server. */
async function pair(): Promise<{ socket: Socket; server: Socket }> {
  const listener = createServer().listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const accepted = once(listener, 'connection') as Promise<[Socket]>;
  const socket = connectWithOneBuffer({ host: '127.0.0.1', port: (listener.address() as AddressInfo).port });
  const [server] = await accepted;
  listener.close();
  open.push(socket, server);
  return { socket, server };
}

const pattern = (length: number): Buffer => Buffer.from(Uint8Array.from({ length }, (_, index) => index % 251));

describe('a socket with one buffer', () => {
  it('keeps what comes before anybody listens, and all that follows in its order', async () => {
    const { socket, server } = await pair();
    const bytes = pattern(3 * 1024 * 1024);
    server.write(bytes.subarray(0, 10));
    await once(socket, 'readable');
    readInPlace(socket, true);
    const received: Buffer[] = [];
    socket.on('data', (chunk) => received.push(Buffer.from(chunk)));
    server.end(bytes.subarray(10));
    await once(socket, 'end');
    expect(Buffer.concat(received).equals(bytes)).toBe(true);
  });

  it('shows copies that may be kept unless told otherwise', async () => {
    const { socket, server } = await pair();
    const kept: Buffer[] = [];
    socket.on('data', (chunk) => kept.push(chunk));
    server.write('first');
    await once(socket, 'data');
    server.write('other');
    await once(socket, 'data');
    expect(kept.map(String)).toEqual(['first', 'other']);
  });

  it('shows the buffer itself once nobody keeps it', async () => {
    const { socket, server } = await pair();
    readInPlace(socket, true);
    const places = new Set<ArrayBufferLike>();
    socket.on('data', (chunk) => places.add(chunk.buffer));
    for (const text of ['first', 'other', 'third']) {
      server.write(text);
      await once(socket, 'data');
    }
    expect(places.size).toBe(1);
  });

  it('stands still while it is paused, and loses nothing', async () => {
    const { socket, server } = await pair();
    readInPlace(socket, true);
    const bytes = pattern(8 * 1024 * 1024);
    const received: Buffer[] = [];
    socket.on('data', (chunk) => {
      received.push(Buffer.from(chunk));
      socket.pause();
      setImmediate(() => socket.resume());
    });
    server.end(bytes);
    await once(socket, 'end');
    expect(Buffer.concat(received).equals(bytes)).toBe(true);
    expect(received.length).toBeGreaterThan(8);
  });
});
