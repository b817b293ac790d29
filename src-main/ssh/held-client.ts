import type { Socket } from 'node:net';

/** What a held client may send ahead, bytes; one more read may come on top. */
const MAX_EARLY_BYTES = 1024 * 1024;

/** What a client has sent before its channel was there. */
export interface Early {
  readonly chunks: readonly Buffer[];
  /** It will send no more, and wants its answer still. */
  readonly hasEnded: boolean;
}

/**
 * Reads what a held client sends: only who reads sees that somebody has left. One that ends without having sent
 * anything has left; one that ends after its request waits for the answer. The function that is returned stops the
 * reading and hands over what has come.
 */
export function readAhead(socket: Socket, onLeft: () => void): () => Early {
  const chunks: Buffer[] = [];
  let size = 0;
  let hasEnded = false;
  const onData = (chunk: Buffer): void => {
    chunks.push(chunk);
    size += chunk.length;
    if (size >= MAX_EARLY_BYTES) socket.pause();
  };
  const onEnd = (): void => {
    hasEnded = true;
    if (size === 0) onLeft();
  };
  socket.on('data', onData).once('end', onEnd).resume();
  return () => {
    socket.pause();
    socket.off('data', onData).off('end', onEnd);
    return { chunks: chunks.splice(0), hasEnded };
  };
}
