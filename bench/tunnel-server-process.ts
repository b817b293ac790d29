// The far end of the tunnels, in a process of its own so that measuring and answering do not share a thread: takes,
// gives or echoes bytes. Sends its port to the parent and ends with it.
import { createServer, type Socket } from 'node:net';

import { CHUNK_BYTES, PURPOSE, REQUEST_LENGTH } from './tunnel-load.ts';

const CHUNK = Buffer.alloc(CHUNK_BYTES, 1);

const server = createServer({ noDelay: true }, (socket) => {
  socket.on('error', () => undefined);
  socket.once('data', (first: Buffer) => serve(socket, first));
});
server.listen({ host: '127.0.0.1', port: 0, backlog: 1_024 }, () => {
  const address = server.address();
  if (typeof address === 'object' && address !== null) process.send?.(address.port);
});
process.once('disconnect', () => process.exit(0));

function serve(socket: Socket, first: Buffer): void {
  const [purpose] = first;
  const bytes = first.readUInt32BE(1);
  const rest = first.subarray(REQUEST_LENGTH);
  if (purpose === PURPOSE.up) take(socket, bytes - rest.length);
  else if (purpose === PURPOSE.down) give(socket, bytes);
  else echo(socket, rest);
}

function take(socket: Socket, bytes: number): void {
  let left = bytes;
  socket.on('data', (chunk: Buffer) => {
    left -= chunk.length;
    if (left === 0) socket.write('!');
  });
}

function give(socket: Socket, bytes: number): void {
  let left = bytes;
  const fill = (): void => {
    while (left > 0) {
      left -= CHUNK_BYTES;
      if (!socket.write(CHUNK)) return;
    }
  };
  socket.on('drain', fill);
  socket.resume();
  fill();
}

function echo(socket: Socket, rest: Buffer): void {
  if (rest.length > 0) socket.write(rest);
  socket.on('data', (chunk: Buffer) => socket.write(chunk));
}
