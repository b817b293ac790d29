import type { Socket } from 'node:net';

import type { Clock } from '../platform/ports.ts';
import { joinWrites } from './join-writes.ts';
import { connectWithOneBuffer } from './read-in-place.ts';

/** How SYNs are sent. `kernel`: as the system does it. Otherwise fresh ones, because somebody is waiting. */
export type Pace = 'kernel' | EagerPace;

/** Of fresh SYNs. One that is not answered costs the server nothing. */
export interface EagerPace {
  /** A part of a second without rest. */
  readonly everyMs: 250 | 500;
  /** The first waits on for an answer that takes longer than a second. */
  readonly isPatient: boolean;
}

export interface SocketOptions {
  readonly host: string;
  readonly port: number;
  /** The only kind of address to try; `undefined`: any. */
  readonly family?: 4 | 6 | undefined;
  readonly timeoutMs: number;
  readonly pace: Pace;
  readonly clock: Clock;
}

const KEEP_ALIVE_MS = 10_000;
// Node's 250 ms per address is less than a slow link needs for one round trip.
const NEXT_ADDRESS_MS = 500;
/**
 * One SYN left alone is repeated by the kernel after 1, 3 and 7 s; measured, a fresh one is answered sooner. Of one that waits
 * on, the kernel (macOS, Linux since 6.5) repeats the SYN each second, a little later each time: that takes the turn of one.
 */
const REPEATED_MS = 1_000;
/** Before the kernel repeats it. So there are four in flight at most: when the way opens all may be answered, and sshd
 * counts those that are let go. */
const LIFE_MS = 900;

/**
 * A TCP connection made for SSH. The caller owns it.
 * Rejects with the system error, `ETIMEDOUT` when nothing answers in time, or the reason of `signal`.
 */
export function openSocket(options: SocketOptions, signal: AbortSignal): Promise<Socket> {
  signal.throwIfAborted();
  return new Race(options, signal).winner;
}

/** Several attempts at one connection: the first that is answered wins, by whatever answer. */
class Race {
  readonly #options: SocketOptions;
  readonly #winner = Promise.withResolvers<Socket>();
  /** Each with what stops the end of its life from coming. */
  readonly #dialled = new Map<Socket, () => void>();
  readonly #signal: AbortSignal;
  readonly #disarmTimeout: () => void;
  #disarmNext = () => {};
  #turn = 0;

  constructor(options: SocketOptions, signal: AbortSignal) {
    this.#options = options;
    this.#signal = signal;
    this.#disarmTimeout = options.clock.after(options.timeoutMs, () => this.#lose(timedOut()));
    signal.addEventListener('abort', this.#abort);
    this.#dial();
    if (options.pace !== 'kernel') this.#armNext(options.pace);
  }

  get winner(): Promise<Socket> {
    return this.#winner.promise;
  }

  readonly #abort = (): void => this.#lose(this.#signal.reason);

  #dial(): void {
    const { host, port, family, pace, clock } = this.#options;
    const socket = connectWithOneBuffer({
      host,
      port,
      ...(family !== undefined && { family }),
      noDelay: true,
      autoSelectFamilyAttemptTimeout: NEXT_ADDRESS_MS,
    });
    const waitsOn = pace === 'kernel' || (pace.isPatient && this.#turn === 0);
    this.#dialled.set(socket, waitsOn ? () => {} : clock.after(LIFE_MS, () => this.#drop(socket)));
    socket.once('connect', () => this.#win(socket));
    // Stays for the life of the socket: an unhandled 'error' would end the process.
    socket.on('error', (error) => this.#lose(error));
  }

  #drop(socket: Socket): void {
    this.#dialled.delete(socket);
    socket.destroy();
  }

  #armNext(pace: EagerPace): void {
    const { everyMs, isPatient } = pace;
    this.#disarmNext = this.#options.clock.after(everyMs, () => {
      this.#turn += 1;
      const isRepeated = isPatient && (this.#turn * everyMs) % REPEATED_MS === 0;
      if (!isRepeated) this.#dial();
      this.#armNext(pace);
    });
  }

  #win(socket: Socket): void {
    // Losers go before they are answered too: sshd counts a connection without a sign-in against us.
    this.#settle(socket);
    socket.setKeepAlive(true, KEEP_ALIVE_MS);
    joinWrites(socket);
    this.#winner.resolve(socket);
  }

  #lose(reason: unknown): void {
    this.#settle(undefined);
    this.#winner.reject(reason);
  }

  #settle(winner: Socket | undefined): void {
    this.#disarmTimeout();
    this.#disarmNext();
    this.#signal.removeEventListener('abort', this.#abort);
    for (const [socket, disarm] of this.#dialled) {
      disarm();
      if (socket !== winner) socket.destroy();
    }
    this.#dialled.clear();
  }
}

function timedOut(): Error {
  return Object.assign(new Error('connect timed out'), { code: 'ETIMEDOUT' });
}
