import type { Duplex } from 'node:stream';

/**
 * Joins everything that is written within one tick into one segment. ssh2 writes each packet as three pieces
 * (length, body, tag); with `noDelay` those would be three segments.
 */
export function corkPerTick(socket: Duplex): void {
  const write = socket.write.bind(socket);
  let corked = false;
  const corkedWrite = (...args: Parameters<Duplex['write']>): boolean => {
    if (!corked) {
      corked = true;
      socket.cork();
      process.nextTick(() => {
        corked = false;
        socket.uncork();
      });
    }
    return write(...args);
  };
  socket.write = corkedWrite as Duplex['write'];
}
