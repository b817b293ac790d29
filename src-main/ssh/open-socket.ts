import type { Socket } from 'node:net';

import type { Clock } from '../platform/ports.ts';
import { corkPerTick } from './cork-per-tick.ts';
import { connectWithOneBuffer } from './read-in-place.ts';

export interface SocketOptions {
  readonly host: string;
  readonly port: number;
  readonly timeoutMs: number;
  /** Sends a SYN every third of a second: somebody is waiting, and an unanswered one costs the server nothing. */
  readonly isEager: boolean;
  readonly clock: Clock;
}

const KEEP_ALIVE_MS = 10_000;
// Node's 250 ms per address is less than a slow link needs for one round trip.
const NEXT_ADDRESS_MS = 500;
/**
 * One SYN left alone is repeated by the kernel after 1, 3 and 7 s; measured, a fresh one is answered sooner. Every third
 * turn is the kernel's, which repeats the first one each second (macOS, Linux since 6.5), and none but the first lives
 * long enough to be repeated: together that makes three a second and no more.
 */
const TURN_MS = 330;
const TURNS = 3;
/** Not above three: when the way opens all of them may be answered, and sshd counts those that are let go. */
const MAX_IN_FLIGHT = 3;

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
  readonly #sockets: Socket[] = [];
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
  }

  get winner(): Promise<Socket> {
    return this.#winner.promise;
  }

  readonly #abort = (): void => this.#lose(this.#signal.reason);

  #dial(): void {
    const { host, port, isEager, clock } = this.#options;
    const socket = connectWithOneBuffer({ host, port, noDelay: true, autoSelectFamilyAttemptTimeout: NEXT_ADDRESS_MS });
    this.#sockets.push(socket);
    socket.once('connect', () => this.#win(socket));
    // Stays for the life of the socket: an unhandled 'error' would end the process.
    socket.on('error', (error) => this.#lose(error));
    if (isEager) this.#armNext(clock);
  }

  #armNext(clock: Clock): void {
    this.#disarmNext = clock.after(TURN_MS, () => {
      this.#turn += 1;
      if (this.#turn % TURNS === 0) return this.#armNext(clock);
      // The first stays until the end: on a very slow link it is the only one that can be answered in time.
      if (this.#sockets.length >= MAX_IN_FLIGHT) this.#sockets.splice(1, 1)[0]?.destroy();
      this.#dial();
    });
  }

  #win(socket: Socket): void {
    // Losers go before they are answered too: sshd counts a connection without a sign-in against us.
    this.#settle(socket);
    socket.setKeepAlive(true, KEEP_ALIVE_MS);
    corkPerTick(socket);
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
    for (const socket of this.#sockets.splice(0)) if (socket !== winner) socket.destroy();
  }
}

function timedOut(): Error {
  return Object.assign(new Error('connect timed out'), { code: 'ETIMEDOUT' });
}
