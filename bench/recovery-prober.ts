// Started inside a network ahead of its use. Each line of its input is an interval: from then on it connects to a local
// port that often, with one echo each, and tells of each connection in a line of JSON when it is over. 0 makes it pause.
// The instants are those of the monotonic clock, which all processes share.
import { connect } from 'node:net';
import { createInterface } from 'node:readline';

import { PURPOSE, request } from './tunnel-load.ts';

/** One connection, from its begin to its echo or its failure; instants in milliseconds of the monotonic clock. */
export interface Knock {
  readonly startMs: number;
  readonly endMs: number;
  /** How it ended: `echo`, `refused` when nobody listened, `broken` when it was closed or reset without an echo. */
  readonly outcome: 'echo' | 'refused' | 'broken';
}

const MESSAGE = Buffer.concat([request(PURPOSE.echo, 0), Buffer.alloc(64, 1)]);

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
  const port = Number(process.argv[2]);
  let timer: NodeJS.Timeout | undefined;
  createInterface(process.stdin).on('line', (line) => {
    clearInterval(timer);
    if (Number(line) === 0) return;
    knock(port);
    timer = setInterval(() => knock(port), Number(line));
  });
}
