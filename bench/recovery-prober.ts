// Started inside a network: connects to a local port again and again, with one echo each. Tells of each connection in a
// line of JSON when it is over. The instants are those of the monotonic clock, which all processes share.
import { connect } from 'node:net';

import { PURPOSE } from './tunnel-load.ts';

/** One connection, from its begin to its echo or its failure; instants in milliseconds of the monotonic clock. */
export interface Knock {
  readonly startMs: number;
  readonly endMs: number;
  /** How it ended: `echo`, `refused` when nobody listened, `broken` when it was closed or reset without an echo. */
  readonly outcome: 'echo' | 'refused' | 'broken';
}

const MESSAGE = Buffer.concat([Buffer.of(PURPOSE.echo), Buffer.alloc(64, 1)]);

export const monotonicMs = (): number => Number(process.hrtime.bigint()) / 1e6;

function knock(port: number): void {
  const startMs = monotonicMs();
  const socket = connect({ host: '127.0.0.1', port, noDelay: true });
  let left = 64;
  let outcome: Knock['outcome'] = 'broken';
  socket.write(MESSAGE);
  socket.on('data', (chunk) => {
    left -= chunk.length;
    if (left > 0) return;
    outcome = 'echo';
    socket.destroy();
  });
  socket.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'ECONNREFUSED') outcome = 'refused';
  });
  socket.on('close', () => {
    const told: Knock = { startMs, endMs: monotonicMs(), outcome };
    process.stdout.write(`${JSON.stringify(told)}\n`);
  });
}

if (import.meta.main) {
  const [port, everyMs] = process.argv.slice(2).map(Number);
  knock(port ?? 0);
  setInterval(() => knock(port ?? 0), everyMs);
}
