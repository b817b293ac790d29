import { toErrorInfo, type ErrorCode } from '../contract/errors.ts';
import type { Clock } from '../platform/ports.ts';

/**
 * What OpenSSH (since 9.8) holds against an address, in seconds that add up and pass: 5 for a connection that fails to sign in,
 * 1 for one that does not try, and from 15 on it lets nobody in (PerSourcePenalties of sshd_config(5)). Other servers and
 * programs that watch their logs, such as fail2ban, count alike.
 */
const COST_MS = { refused: 5_000, unused: 1_000 } as const;
const SHUT_OUT_MS = 15_000;

const REFUSED: ReadonlySet<ErrorCode> = new Set(['ssh/auth-rejected', 'ssh/answer-needed']);
/** The server was not there, or hung up by itself before anything was decided. */
const FREE: ReadonlySet<ErrorCode> = new Set(['ssh/host-unreachable', 'ssh/host-unknown', 'ssh/proxy-failed']);

/** Where it is dialled. */
interface Server {
  readonly host: string;
  readonly port: number;
}

/**
 * What may be spent on one SSH server by everything that connects to it: lines, tests, errands and whoever presses Retry. Where
 * one more connection that fails could have the server shut this address out, it waits until the server has forgotten enough.
 */
export class ConnectBudget {
  readonly #clock: Clock;
  /** When the server will have forgotten everything, by the clock. */
  readonly #owed = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Resolves when there is room for a connection that fails.
   * @throws the reason of `signal`
   */
  async room(server: Server, signal: AbortSignal): Promise<void> {
    for (;;) {
      signal.throwIfAborted();
      const waitMs = this.#owedMs(keyOf(server)) + COST_MS.refused - SHUT_OUT_MS;
      if (waitMs < 0) return;
      await this.#wait(waitMs + 1, signal);
    }
  }

  #wait(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const over = (): void => {
        stopTimer();
        signal.removeEventListener('abort', over);
        resolve();
      };
      const stopTimer = this.#clock.after(ms, over);
      signal.addEventListener('abort', over);
    });
  }

  /**
   * The server has accepted a connection: charges it when `signingIn` fails.
   * @throws what it throws
   */
  async charge<T>(server: Server, signingIn: Promise<T>): Promise<T> {
    try {
      return await signingIn;
    } catch (error) {
      const costMs = costOf(toErrorInfo(error).code);
      const key = keyOf(server);
      if (costMs > 0) this.#owed.set(key, this.#clock.now() + this.#owedMs(key) + costMs);
      throw error;
    }
  }

  #owedMs(key: string): number {
    const owedMs = (this.#owed.get(key) ?? 0) - this.#clock.now();
    if (owedMs <= 0) this.#owed.delete(key);
    // A clock that was set back would make it long.
    if (owedMs > SHUT_OUT_MS) this.#owed.set(key, this.#clock.now() + SHUT_OUT_MS);
    return Math.min(Math.max(0, owedMs), SHUT_OUT_MS);
  }
}

function keyOf({ host, port }: Server): string {
  return `${host}:${port}`;
}

function costOf(code: ErrorCode): number {
  if (FREE.has(code)) return 0;
  return REFUSED.has(code) ? COST_MS.refused : COST_MS.unused;
}
