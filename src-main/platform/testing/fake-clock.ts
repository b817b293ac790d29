import type { Clock } from '../ports.ts';

interface Timer {
  readonly dueMs: number;
  readonly task: () => void;
}

/** Time that moves only when told to. */
export class FakeClock implements Clock {
  #nowMs: number;
  #sleptMs = 0;
  #timers: readonly Timer[] = [];

  constructor(nowMs = 0) {
    this.#nowMs = nowMs;
  }

  now(): number {
    return this.#nowMs + this.#sleptMs;
  }

  after(delayMs: number, task: () => void): () => void {
    const timer = { dueMs: this.#nowMs + delayMs, task };
    this.#timers = [...this.#timers, timer];
    return () => this.#drop(timer);
  }

  /** The computer sleeps: the time of day goes on while timers stand still. */
  sleep(ms: number): void {
    this.#sleptMs += ms;
  }

  get pendingTimers(): number {
    return this.#timers.length;
  }

  /** Moves time forward, running what falls due in order, and lets promises settle in between. */
  async advance(ms: number): Promise<void> {
    const endMs = this.#nowMs + ms;
    await settle();
    for (let next = this.#earliest(endMs); next; next = this.#earliest(endMs)) {
      this.#drop(next);
      this.#nowMs = next.dueMs;
      next.task();
      await settle();
    }
    this.#nowMs = endMs;
  }

  #drop(timer: Timer): void {
    this.#timers = this.#timers.filter((other) => other !== timer);
  }

  #earliest(endMs: number): Timer | undefined {
    return this.#timers.filter((timer) => timer.dueMs <= endMs).toSorted((a, b) => a.dueMs - b.dueMs)[0];
  }
}

/** Lets everything that is already resolved run to its end. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
