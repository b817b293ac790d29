import type { FunnelEnd } from '../contract/exposure.ts';
import type { Clock, Logger, Uptime } from '../platform/ports.ts';
import {
  closingAt,
  remaining,
  seenAgain,
  seenFrom,
  type ClosingTime,
  type Moment,
  type PlacedMoment,
} from './closing-time.ts';

export interface ClosingWatchDeps {
  readonly clock: Clock;
  readonly uptime: Uptime;
  readonly log: Logger;
  /** The time may have come, or be worth writing down: `look` says so. */
  readonly onTick: () => void;
}

/** What the clocks say about the end that is watched. */
export type Looked =
  | { readonly status: 'over'; readonly end: FunnelEnd }
  /** `isDue`: how much is left is to be written down, for a crash after which the clock is wrong. */
  | { readonly status: 'left'; readonly untilMs: number; readonly isMoved: boolean; readonly isDue: boolean };

/** Timers stand still while the computer sleeps: the clocks are looked at this often at least. */
const MAX_TIMER_MS = 5_000;
const NOTE_INTERVAL_MS = 60_000;

/** Watches when a Funnel is to be closed, by the earlier of two clocks. */
export class ClosingWatch {
  readonly #deps: ClosingWatchDeps;
  #cancelTimer = (): void => {};
  /** The last one that was set. Kept when that is switched away from: going back to it adds nothing. */
  #closing: ClosingTime | undefined;
  #notedMs = 0;

  constructor(deps: ClosingWatchDeps) {
    this.#deps = deps;
  }

  /** Takes up an end that an earlier run has noted. */
  async resume(noted: ClosingTime<PlacedMoment> | undefined): Promise<Looked> {
    const boot = await this.#deps.uptime.bootId();
    this.#closing = noted && seenAgain(noted, { ...this.#now(), boot });
    // Of a Funnel that was remembered without how much was left of it.
    return this.#closing === undefined ? { status: 'over', end: 'clock-unsure' } : this.#lookedAt(this.#closing);
  }

  /** From now on: this end, or none. */
  set(untilMs: number | undefined): void {
    this.#closing = this.#closingOf(untilMs);
    this.stop();
    if (untilMs === undefined || this.#closing === undefined) return;
    const { leftMs } = remaining(this.#closing, this.#now());
    const delayMs = Math.max(0, Math.min(leftMs, MAX_TIMER_MS));
    this.#cancelTimer = this.#deps.clock.after(delayMs, this.#deps.onTick);
  }

  stop(): void {
    this.#cancelTimer();
  }

  /** Whether such an end has come before it was set. */
  isOver(untilMs: number | undefined): boolean {
    const closing = this.#closingOf(untilMs);
    return untilMs !== undefined && closing !== undefined && remaining(closing, this.#now()).leftMs <= 0;
  }

  /** What has become of the end that is set. */
  look(): Looked | undefined {
    if (this.#closing === undefined) return undefined;
    const looked = this.#lookedAt(this.#closing);
    if (looked.status === 'left') this.#closing = seenFrom(this.#closing, this.#now());
    if (looked.status === 'left' && looked.isMoved)
      this.#deps.log.warn('the clock was set back: the Funnel closes after the time that was meant', looked);
    return looked;
  }

  /** The end that is set, for another run of this program. */
  async noted(): Promise<ClosingTime<PlacedMoment> | undefined> {
    if (this.#closing === undefined) return undefined;
    const boot = await this.#deps.uptime.bootId();
    const now = this.#now();
    this.#notedMs = now.upMs;
    return { ...seenFrom(this.#closing, now), at: { ...now, boot } };
  }

  #lookedAt(closing: ClosingTime): Looked {
    const now = this.#now();
    const { leftMs, end } = remaining(closing, now);
    if (leftMs <= 0) return { status: 'over', end };
    const { untilMs } = seenFrom(closing, now);
    const isMoved = untilMs !== closing.untilMs;
    return { status: 'left', untilMs, isMoved, isDue: isMoved || now.upMs - this.#notedMs >= NOTE_INTERVAL_MS };
  }

  #closingOf(untilMs: number | undefined): ClosingTime | undefined {
    if (untilMs === undefined || untilMs === this.#closing?.untilMs) return this.#closing;
    return closingAt(untilMs, this.#now());
  }

  #now(): Moment {
    return { wallMs: this.#deps.clock.now(), upMs: this.#deps.uptime.upMs() };
  }
}
