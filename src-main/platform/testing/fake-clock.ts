import type { Clock, Uptime } from '../ports.ts';

const HOUR_MS = 3_600_000;

interface Timer {
  readonly dueMs: number;
  readonly task: () => void;
}

/** Time that moves only when told to. */
export class FakeClock implements Clock, Uptime {
  #nowMs: number;
  #sleptMs = 0;
  #setMs = 0;
  #startedMs: number;
  /** Of the computer; absent where its system does not say. */
  boot: string | undefined = 'first';
  #timers: readonly Timer[] = [];

  constructor(nowMs = 0) {
    this.#nowMs = nowMs;
    this.#startedMs = nowMs - HOUR_MS;
  }

  now(): number {
    return this.#nowMs + this.#sleptMs + this.#setMs;
  }

  upMs(): number {
    return this.#nowMs + this.#sleptMs - this.#startedMs;
  }

  bootId(): Promise<string | undefined> {
    return Promise.resolve(this.boot);
  }

  /** Somebody sets the time of day, forward or, with a negative number, back. */
  set(ms: number): void {
    this.#setMs += ms;
  }

  /** The computer was off for so long; what ran on it is gone. */
  reboot(offMs: number): void {
    this.#sleptMs += offMs;
    this.#startedMs = this.#nowMs + this.#sleptMs;
    this.boot &&= `${this.boot}, then another`;
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
