import type { Clock } from '../platform/ports.ts';

/** How long attempts have gone on since there was last a reason to be eager. */
export class AttemptRound {
  readonly #clock: Pick<Clock, 'now'>;
  #sinceMs = 0;

  constructor(clock: Pick<Clock, 'now'>) {
    this.#clock = clock;
  }

  begin(): void {
    this.#sinceMs = this.#clock.now();
  }

  /** Milliseconds. */
  get forMs(): number {
    const now = this.#clock.now();
    // A clock that was set back would make every pause that of the first minute.
    if (now < this.#sinceMs) this.#sinceMs = now;
    return now - this.#sinceMs;
  }
}
