import type { RateLimit } from '../../contract/gateway-host.ts';
import type { Clock } from '../../platform/ports.ts';

const FIRST_DELAY_MS = 250;
const MAX_DELAY_MS = 5_000;
/** An attacker with many addresses must not fill the memory: the oldest are forgotten. */
const MAX_CLIENTS = 10_000;

interface Attempts {
  readonly failedAtMs: readonly number[];
  readonly lockedUntilMs: number;
  /** Failures since the last success, for the growing delay. */
  readonly inARow: number;
}

const NONE: Attempts = { failedAtMs: [], lockedUntilMs: 0, inARow: 0 };

/** Counts wrong secrets per client, over HTTP and WebSocket together. */
export class AttemptLimiter {
  readonly #limits: () => RateLimit;
  readonly #clock: Clock;
  readonly #byClient = new Map<string, Attempts>();

  constructor(limits: () => RateLimit, clock: Clock) {
    this.#limits = limits;
    this.#clock = clock;
  }

  /** How long this client is still locked out, milliseconds; 0 when it may try. */
  lockedForMs(client: string): number {
    return Math.max(0, (this.#byClient.get(client)?.lockedUntilMs ?? 0) - this.#clock.now());
  }

  /** Remembers a wrong secret. Returns how long the answer to it is to be delayed, milliseconds. */
  failed(client: string): number {
    const { maxAttempts, windowMs, lockoutMs } = this.#limits();
    const nowMs = this.#clock.now();
    const before = this.#byClient.get(client) ?? NONE;
    const failedAtMs = [...before.failedAtMs.filter((atMs) => nowMs - atMs < windowMs), nowMs];
    const isTooMany = failedAtMs.length >= maxAttempts;
    this.#byClient.delete(client);
    this.#byClient.set(client, {
      failedAtMs: isTooMany ? [] : failedAtMs,
      lockedUntilMs: isTooMany ? nowMs + lockoutMs : before.lockedUntilMs,
      inARow: before.inARow + 1,
    });
    this.#forgetOldest();
    return Math.min(MAX_DELAY_MS, FIRST_DELAY_MS * 2 ** Math.min(before.inARow, 10));
  }

  succeeded(client: string): void {
    this.#byClient.delete(client);
  }

  /** Other limits or another secret: nobody pays for what was tried before. */
  forgetAll(): void {
    this.#byClient.clear();
  }

  #forgetOldest(): void {
    const oldest = this.#byClient.size > MAX_CLIENTS ? this.#byClient.keys().next().value : undefined;
    if (oldest !== undefined) this.#byClient.delete(oldest);
  }
}
