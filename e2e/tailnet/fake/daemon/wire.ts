import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

import type { Netmap } from '../netmap.ts';

/** What a connection of the tailnet begins with: whose it is and where it wants to go. One line of JSON. */
export interface Preface {
  readonly from: string;
  readonly port: number;
}

/** @throws Error when the other side ends before */
export async function readBytes(socket: Socket, bytes: number): Promise<Buffer> {
  for (;;) {
    const chunk = socket.read(bytes) as Buffer | null;
    if (chunk !== null && chunk.length === bytes) return chunk;
    if (socket.readableEnded || socket.destroyed) throw new Error('the connection ended');
    await once(socket, 'readable', { signal: AbortSignal.timeout(10_000) });
  }
}

export async function readUntil(socket: Socket, end: string): Promise<string> {
  let text = '';
  while (!text.endsWith(end)) text += (await readBytes(socket, 1)).toString('latin1');
  return text;
}

/** A connection of a visitor to a computer of the tailnet, by its name or address. */
export async function reach(map: Netmap, host: string, port: number): Promise<Socket> {
  const node = [map.self, ...map.peers].find(({ name, addresses }) => name === host || addresses.includes(host));
  if (node === undefined) throw new Error(`nobody is called ${host}`);
  const isIpv6 = host.includes(':');
  const from = map.self.addresses.find((address) => address.includes(':') === isIpv6) ?? '';
  const socket = connect({ host: '127.0.0.1', port: node.wire });
  await once(socket, 'connect');
  socket.write(`${JSON.stringify({ from, port } satisfies Preface)}\n`);
  await readBytes(socket, 1);
  return socket;
}

/** SOCKS 5 without sign-in, RFC 1928, into the tailnet. */
export async function serveSocks(socket: Socket, map: Netmap | null): Promise<void> {
  const [, methods = 0] = await readBytes(socket, 2);
  await readBytes(socket, methods);
  socket.write(Buffer.of(5, 0));
  const [, , , kind] = await readBytes(socket, 4);
  const host = kind === 1 ? [...(await readBytes(socket, 4))].join('.') : await readName(socket);
  const port = (await readBytes(socket, 2)).readUInt16BE();
  const answer = (code: number) => socket.write(Buffer.of(5, code, 0, 1, 0, 0, 0, 0, 0, 0));
  try {
    if (map === null) throw new Error('there is no tailnet');
    const onward = await reach(map, host, port);
    answer(0);
    join(socket, onward);
  } catch {
    answer(4);
    socket.end();
  }
}

async function readName(socket: Socket): Promise<string> {
  const length = (await readBytes(socket, 1))[0] ?? 0;
  return (await readBytes(socket, length)).toString('latin1');
}

function join(one: Socket, other: Socket): void {
  one.on('error', () => other.destroy()).on('close', () => other.destroy());
  other.on('error', () => one.destroy()).on('close', () => one.destroy());
  one.pipe(other).pipe(one);
}
