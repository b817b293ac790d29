import type { Clock } from '../platform/ports.ts';
import type { LooseEnds } from './loose-ends.ts';

export interface Attempt {
  readonly signal: AbortSignal;
}

/** A wake is told by several: an attempt that young is as good as another. */
const FRESH_MS = 250;

/** Only the latest attempt may speak; one that was replaced or ended is left to close what it opened. */
export class Attempts {
  readonly #clock: Clock;
  readonly #loose: LooseEnds;
  readonly #run: (attempt: Attempt) => Promise<void>;
  #latest: { readonly attempt: Attempt; readonly abort: AbortController; readonly sinceMs: number } | undefined;

  constructor(clock: Clock, loose: LooseEnds, run: (attempt: Attempt) => Promise<void>) {
    this.#clock = clock;
    this.#loose = loose;
    this.#run = run;
  }

  /** Starts one in place of one that may still run, unless that is fresh. */
  begin(): void {
    const sinceMs = this.#clock.now();
    if (this.#latest && Math.abs(sinceMs - this.#latest.sinceMs) < FRESH_MS) return;
    this.abandon();
    const abort = new AbortController();
    const attempt: Attempt = { signal: abort.signal };
    this.#latest = { attempt, abort, sinceMs };
    this.#loose.add(this.#run(attempt));
  }

  abandon(): void {
    this.#latest?.abort.abort();
    this.#latest = undefined;
  }

  isLatest(attempt: Attempt): boolean {
    return attempt === this.#latest?.attempt;
  }

  /** It has come to its end. False for one that may not speak any more. */
  end(attempt: Attempt): boolean {
    if (!this.isLatest(attempt)) return false;
    this.#latest = undefined;
    return true;
  }
}
