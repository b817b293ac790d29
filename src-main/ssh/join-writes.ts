import type { Duplex } from 'node:stream';

/** More than people or their programs say at once: data of which there is more to come. */
const BULK_BYTES = 32 * 1024;
/** What is worth a system call of its own. */
const ENOUGH_BYTES = 256 * 1024;

/**
 * Joins what is written at about the same time. ssh2 writes each packet as three pieces (length, body, tag), which with
 * `noDelay` would be three segments: those of one tick become one. Bulk data is read 64 KiB a tick, several ticks in a row;
 * of that up to 256 KiB become one system call, at the latest when everything was read.
 */
export function joinWrites(stream: Duplex): void {
  const write = stream.write.bind(stream);
  let isTickSeen = false;
  let isCorked = false;
  let atTheLatest: NodeJS.Immediate | undefined;
  const uncork = (): void => {
    clearImmediate(atTheLatest);
    atTheLatest = undefined;
    isCorked = false;
    stream.uncork();
  };
  const endOfTick = (): void => {
    isTickSeen = false;
    const { writableLength } = stream;
    if (writableLength < BULK_BYTES || writableLength >= ENOUGH_BYTES) uncork();
    else atTheLatest ??= setImmediate(uncork);
  };
  const joinedWrite = (...args: Parameters<Duplex['write']>): boolean => {
    if (!isTickSeen) process.nextTick(endOfTick);
    if (!isCorked) stream.cork();
    isTickSeen = true;
    isCorked = true;
    return write(...args);
  };
  stream.write = joinedWrite as Duplex['write'];
}
