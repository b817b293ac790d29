import type { Logger } from '../platform/ports.ts';

/** Work that nobody waits for at the time, but that must be over before everything counts as closed. */
export class LooseEnds {
  readonly #log: Logger;
  readonly #work = new Set<Promise<unknown>>();

  constructor(log: Logger) {
    this.#log = log;
  }

  add(work: Promise<unknown>): void {
    this.#work.add(work);
    void work
      .catch((error: unknown) => this.#log.warn('left work failed', { error }))
      .then(() => this.#work.delete(work));
  }

  /** Resolves when all that was added so far is over. */
  async over(): Promise<void> {
    await Promise.allSettled(this.#work);
  }
}
