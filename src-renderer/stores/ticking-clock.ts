/** What the clock needs of a page; narrow, so that tests can hand in their own. */
export interface PageVisibility {
  isVisible(): boolean;
  /** Calls `listener` when the page is shown or hidden; returns how to stop. */
  onChange(listener: () => void): () => void;
}

export interface TickingClockDeps {
  readonly now: () => number;
  readonly every: (periodMs: number, task: () => void) => () => void;
  readonly page: PageVisibility;
}

const PERIOD_MS = 1_000;

/** The time for sentences such as “checked 4 s ago”: ticks once a second while somebody looks, and not otherwise. */
export class TickingClock {
  readonly #deps: TickingClockDeps;
  readonly #listeners = new Set<() => void>();
  #nowMs: number;
  #stopTicking: (() => void) | undefined;
  #stopWatching: (() => void) | undefined;

  constructor(deps: TickingClockDeps) {
    this.#deps = deps;
    this.#nowMs = deps.now();
  }

  /** The time of the last tick, milliseconds since the epoch: the same for everything drawn together. */
  readonly read = (): number => this.#nowMs;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    this.#stopWatching ??= this.#deps.page.onChange(() => this.#adjust());
    this.#adjust();
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size > 0) return;
      this.#stopWatching?.();
      this.#stopWatching = undefined;
      this.#adjust();
    };
  };

  #adjust(): void {
    const wanted = this.#listeners.size > 0 && this.#deps.page.isVisible();
    if (wanted === (this.#stopTicking !== undefined)) return;
    this.#stopTicking?.();
    this.#stopTicking = wanted ? this.#deps.every(PERIOD_MS, () => this.#tick()) : undefined;
    if (wanted) this.#tick();
  }

  #tick(): void {
    this.#nowMs = this.#deps.now();
    for (const listener of this.#listeners) listener();
  }
}

/** The clock of this page. */
export function createPageClock(): TickingClock {
  return new TickingClock({
    now: () => Date.now(),
    every: (periodMs, task) => {
      const timer = setInterval(task, periodMs);
      return () => clearInterval(timer);
    },
    page: {
      isVisible: () => document.visibilityState === 'visible',
      onChange: (listener) => {
        document.addEventListener('visibilitychange', listener);
        return () => document.removeEventListener('visibilitychange', listener);
      },
    },
  });
}
