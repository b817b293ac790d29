interface Waiting {
  /**
   * Does the work in a part of its own; returns what to tell its caller once the whole is on the disk. Throws when the
   * whole is lost.
   */
  readonly attempt: () => () => void;
  readonly reject: (error: unknown) => void;
}

export interface CommitQueueDeps {
  readonly transaction: (work: () => void) => void;
  /** A part that is undone alone when it throws. */
  readonly savepoint: <T>(work: () => T) => T;
  readonly isInTransaction: () => boolean;
}

/** Gathers what is written in one turn of the event loop into one commit. */
export class CommitQueue {
  readonly #deps: CommitQueueDeps;
  #waiting: Waiting[] = [];
  #isArmed = false;

  constructor(deps: CommitQueueDeps) {
    this.#deps = deps;
  }

  /** Resolves with the result of `work` after the commit it was part of. */
  add<T>(work: () => T): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const attempt = (): (() => void) => {
      try {
        const result = this.#deps.savepoint(work);
        return () => resolve(result);
      } catch (error) {
        // A full disk undoes the whole transaction at once; what follows must not commit by itself.
        if (!this.#deps.isInTransaction()) throw error;
        return () => reject(error);
      }
    };
    this.#waiting.push({ attempt, reject });
    if (!this.#isArmed) setImmediate(() => this.flush());
    this.#isArmed = true;
    return promise;
  }

  flush(): void {
    const batch = this.#waiting;
    this.#waiting = [];
    this.#isArmed = false;
    if (batch.length === 0) return;
    try {
      let tell: (() => void)[] = [];
      this.#deps.transaction(() => {
        tell = batch.map(({ attempt }) => attempt());
      });
      for (const each of tell) each();
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }
}
