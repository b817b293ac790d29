import type { FunnelEnd } from '../contract/exposure.ts';

/** A moment by the time of day, which can be set, and by the time since the computer was started, which cannot. */
export interface Moment {
  readonly wallMs: number;
  readonly upMs: number;
}

/** A moment that another run of this program can compare with its own. */
export interface PlacedMoment extends Moment {
  /** Names the run of the computer; absent where the system does not say. */
  readonly boot?: string | undefined;
}

/** When something closes: at a time of day, and not later than when so much time has passed since a moment. */
export interface ClosingTime<At extends Moment = Moment> {
  readonly untilMs: number;
  readonly leftMs: number;
  readonly at: At;
  /** The time of day was found to have been changed meanwhile. */
  readonly doubt?: FunnelEnd | undefined;
}

export interface Remaining {
  /** 0 or less: it is over. */
  readonly leftMs: number;
  /** What is to be said once it is over. */
  readonly end: FunnelEnd;
}

/** Clocks are put right by seconds all the time. */
const USUAL_CORRECTION_MS = 30_000;
/** So far a time of day that is read in place of the name of a boot may be off. */
const BOOT_TOLERANCE_MS = 60_000;

export function closingAt(untilMs: number, at: Moment): ClosingTime {
  return { untilMs, leftMs: untilMs - at.wallMs, at };
}

/** What is left within one run of this program: the less of what the two clocks say. */
export function remaining({ untilMs, leftMs, at, doubt }: ClosingTime, now: Moment): Remaining {
  const byDay = untilMs - now.wallMs;
  const byPassing = leftMs - (now.upMs - at.upMs);
  const left = Math.min(byDay, byPassing);
  const isUsual = Math.abs(byDay - byPassing) <= USUAL_CORRECTION_MS;
  return { leftMs: left, end: doubt ?? (isUsual ? 'on-time' : byDay < byPassing ? 'clock-ahead' : 'clock-back') };
}

/** The same closing time seen from now. Where the clock was set back, the time of day follows what has really passed. */
export function seenFrom(closing: ClosingTime, now: Moment): ClosingTime {
  const { leftMs, end } = remaining(closing, now);
  const untilMs = end === 'clock-back' ? Math.min(closing.untilMs, now.wallMs + leftMs) : closing.untilMs;
  const doubt = end === 'on-time' ? {} : { doubt: end };
  return { untilMs, leftMs: closing.leftMs - (now.upMs - closing.at.upMs), at: now, ...doubt };
}

/**
 * What is left of a closing time that an earlier run of this program has noted. Since the computer was started again
 * nobody knows how long it was off but by the time of day, so one that went back meanwhile ends it.
 */
export function seenAgain({ at, ...noted }: ClosingTime<PlacedMoment>, now: PlacedMoment): ClosingTime {
  if (isSameBoot(at, now)) return seenFrom({ at, ...noted }, now);
  if (now.wallMs < at.wallMs) return { untilMs: now.wallMs, leftMs: 0, at: now, doubt: 'clock-unsure' };
  return { ...noted, leftMs: Math.min(noted.leftMs - now.upMs, noted.untilMs - now.wallMs), at: now };
}

function isSameBoot(at: PlacedMoment, now: PlacedMoment): boolean {
  if (now.upMs < at.upMs) return false;
  if (at.boot !== undefined || now.boot !== undefined) return at.boot === now.boot;
  const movedMs = now.wallMs - now.upMs - (at.wallMs - at.upMs);
  return Math.abs(movedMs) <= BOOT_TOLERANCE_MS;
}
