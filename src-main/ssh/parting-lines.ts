import type { Clock } from '../platform/ports.ts';
import type { Link } from './link.ts';
import type { LooseEnds } from './loose-ends.ts';

export interface PartingLinesOptions {
  readonly clock: Clock;
  readonly loose: LooseEnds;
  /** A line given up has answered. True takes it back; else it is closed when its streams have had their time. */
  readonly takeBack: (link: Link) => boolean;
}

interface Parting {
  readonly link: Link;
  readonly silentSinceMs: number;
  /** False once it has answered: its streams have a longer time then. */
  isSilent: boolean;
  stopTimer: () => void;
}

/** As long as new connections are held for. */
const PATIENCE_MS = 30_000;
/** A line that answers, but has been replaced: what runs on it may come to an end. */
const STREAMS_MS = 60_000;
const LEAST_GRACE_MS = 2_000;
const MAX_LINES = 3;

/**
 * Lines that went silent or were replaced, with whatever streams are on them. A silence may end: then nothing was
 * lost. Each is closed after a while, and at once when there are too many.
 */
export class PartingLines {
  readonly #options: PartingLinesOptions;
  #lines: readonly Parting[] = [];

  constructor(options: PartingLinesOptions) {
    this.#options = options;
  }

  add(link: Link, silentSinceMs: number): void {
    const parting: Parting = { link, silentSinceMs, isSilent: true, stopTimer: () => {} };
    this.#lines = [...this.#lines, parting];
    this.#arm(parting, PATIENCE_MS);
    void link.lost.then(() => this.#forget(parting));
    void this.#listen(parting);
    for (const oldest of this.#lines.slice(0, -MAX_LINES)) this.#end(oldest);
  }

  /**
   * Another line has taken the place of all of these. The kernel repeats what is not acknowledged at distances that
   * double, so one that is silent for a time T is heard again within T, or not at all.
   */
  replaced(): void {
    const nowMs = this.#options.clock.now();
    for (const parting of this.#lines.filter(({ isSilent }) => isSilent)) {
      this.#arm(parting, Math.min(PATIENCE_MS, nowMs - parting.silentSinceMs + LEAST_GRACE_MS));
    }
  }

  closeAll(): void {
    for (const parting of this.#lines) this.#end(parting);
  }

  async #listen(parting: Parting): Promise<void> {
    const { link } = parting;
    const { problem, isCertain } = await link.probe(PATIENCE_MS, () => this.#answered(parting));
    if (!problem || isCertain) this.#answered(parting);
  }

  #answered(parting: Parting): void {
    if (!parting.isSilent || !parting.link.isAlive || !this.#lines.includes(parting)) return;
    parting.isSilent = false;
    this.#arm(parting, STREAMS_MS);
    if (this.#options.takeBack(parting.link)) this.#forget(parting);
  }

  #arm(parting: Parting, delayMs: number): void {
    parting.stopTimer();
    parting.stopTimer = this.#options.clock.after(delayMs, () => this.#end(parting));
  }

  #end(parting: Parting): void {
    this.#forget(parting);
    this.#options.loose.add(parting.link.close());
  }

  #forget(parting: Parting): void {
    parting.stopTimer();
    this.#lines = this.#lines.filter((other) => other !== parting);
  }
}
