import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

export interface PathTraits {
  /** Each way, milliseconds: half a round trip. */
  readonly delayMs: number;
  /** Each way. */
  readonly bytesPerSecond: number;
  /** What the path takes in before the sender has to wait, as the buffers of a router do. */
  readonly queueBytes: number;
}

export interface SlowPath extends AsyncDisposable {
  readonly port: number;
}

/** A relay on loopback to another port there that is as slow as a path over a distance: nothing is lost or reordered. */
export async function startSlowPath(toPort: number, traits: PathTraits): Promise<SlowPath> {
  const sockets = new Set<Socket>();
  const keep = (socket: Socket): Socket => {
    sockets.add(socket);
    // One end is closed with the other.
    return socket.on('error', () => undefined).once('close', () => sockets.delete(socket));
  };
  const server = createServer({ noDelay: true, allowHalfOpen: true }, (near) => {
    const far = connect({ host: '127.0.0.1', port: toPort, noDelay: true, allowHalfOpen: true });
    carry(keep(near), keep(far), traits);
    carry(far, near, traits);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

function carry(from: Socket, to: Socket, { delayMs, bytesPerSecond, queueBytes }: PathTraits): void {
  // One timer for all: timers of their own may fire out of order.
  const queue: { readonly chunk: Buffer; readonly dueMs: number }[] = [];
  let queued = 0;
  let isFreeAtMs = 0;
  let hasEnded = false;
  const next = (): void => {
    const [first] = queue;
    if (first !== undefined) setTimeout(deliver, Math.max(1, first.dueMs - performance.now()));
    else if (hasEnded) to.end();
  };
  const deliver = (): void => {
    const now = performance.now();
    for (let first = queue[0]; first !== undefined && first.dueMs <= now; first = queue[0]) {
      queue.shift();
      queued -= first.chunk.length;
      if (to.writable) to.write(first.chunk);
    }
    if (queued < queueBytes) from.resume();
    next();
  };
  from.on('data', (chunk: Buffer) => {
    queued += chunk.length;
    if (queued >= queueBytes) from.pause();
    isFreeAtMs = Math.max(performance.now(), isFreeAtMs) + (chunk.length / bytesPerSecond) * 1_000;
    queue.push({ chunk, dueMs: isFreeAtMs + delayMs });
    if (queue.length === 1) next();
  });
  from.once('end', () => {
    hasEnded = true;
    if (queue.length === 0) next();
  });
  from.once('close', (hadError) => {
    if (hadError) to.destroy();
  });
}
