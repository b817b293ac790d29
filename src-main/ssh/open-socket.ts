import { connect, type Socket } from 'node:net';

import type { Clock } from '../platform/ports.ts';
import { corkPerTick } from './cork-per-tick.ts';

export interface SocketOptions {
  readonly host: string;
  readonly port: number;
  readonly timeoutMs: number;
  readonly clock: Clock;
}

const KEEP_ALIVE_MS = 10_000;
// Node's 250 ms per address is less than a slow link needs for one round trip.
const NEXT_ADDRESS_MS = 500;

/**
 * A TCP connection made for SSH. The caller owns it.
 * Rejects with the system error, `ETIMEDOUT` when nothing answers in time, or the reason of `signal`.
 */
export function openSocket({ host, port, timeoutMs, clock }: SocketOptions, signal: AbortSignal): Promise<Socket> {
  signal.throwIfAborted();
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, noDelay: true, autoSelectFamilyAttemptTimeout: NEXT_ADDRESS_MS });
    const stopTimer = clock.after(timeoutMs, () => socket.destroy(timedOut()));
    const abort = () => socket.destroy(signal.reason as Error);
    const settle = () => {
      stopTimer();
      signal.removeEventListener('abort', abort);
    };
    signal.addEventListener('abort', abort);
    socket.once('connect', () => {
      settle();
      socket.setKeepAlive(true, KEEP_ALIVE_MS);
      corkPerTick(socket);
      resolve(socket);
    });
    // Stays for the life of the socket: an unhandled 'error' would end the process.
    socket.on('error', (error) => {
      settle();
      reject(error);
    });
  });
}

function timedOut(): Error {
  return Object.assign(new Error('connect timed out'), { code: 'ETIMEDOUT' });
}
