import type { Duplex } from 'node:stream';

import { joinWrites } from './join-writes.ts';
import type { Channel } from './link.ts';

/** The bytes below an SSH connection: a TCP socket, or a channel of the connection to a jump host. */
export interface Wire extends Duplex {
  readonly bytesRead: number;
  /** With what is still queued here; absent where the bytes go through another connection. */
  readonly bytesWritten?: number;
  /** The address of this computer that the bytes leave from. */
  readonly localAddress?: string | undefined;
}

/** A channel to be used as a wire. It dies with the connection it belongs to. */
export function wireOf(channel: Channel, localAddress: string | undefined): Wire {
  let bytesRead = 0;
  const push = channel.push.bind(channel);
  channel.push = (chunk: unknown, encoding?: BufferEncoding) => {
    if (Buffer.isBuffer(chunk)) bytesRead += chunk.length;
    return push(chunk, encoding);
  };
  joinWrites(channel);
  Object.defineProperties(channel, {
    bytesRead: { get: () => bytesRead },
    localAddress: { value: localAddress },
  });
  return channel as Channel & Wire;
}
