import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** A connection through a SOCKS 5 proxy without sign-in, RFC 1928, by name or address. */
export async function connectBySocks(proxyPort: number, host: string, port: number): Promise<Socket> {
  const socket = connect({ host: '127.0.0.1', port: proxyPort });
  await once(socket, 'connect');
  socket.write(Buffer.of(5, 1, 0));
  await read(socket, 2);
  const name = Buffer.from(host);
  socket.write(Buffer.concat([Buffer.of(5, 1, 0, 3, name.length), name, Buffer.of(port >> 8, port & 0xff)]));
  const [, outcome, , kind] = await read(socket, 4);
  if (outcome !== 0) {
    socket.destroy();
    throw new Error(`the proxy did not connect to ${host}:${port}: code ${outcome}`);
  }
  // The address it connected from is of no interest.
  const length = kind === 1 ? 4 : kind === 4 ? 16 : ((await read(socket, 1))[0] ?? 0);
  await read(socket, length + 2);
  return socket;
}

async function read(socket: Socket, bytes: number): Promise<Buffer> {
  for (;;) {
    const chunk = socket.read(bytes) as Buffer | null;
    if (chunk !== null) return chunk;
    await once(socket, 'readable', { signal: AbortSignal.timeout(10_000) });
  }
}
