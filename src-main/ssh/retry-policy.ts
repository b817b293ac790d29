import { retryAdvice, type ErrorInfo, type UnreachableReason } from '../contract/errors.ts';
import type { Pace } from './open-socket.ts';

/** How the trying has gone so far. */
export interface Trying {
  /** Attempts made; 0 when a line that worked was lost just now. */
  readonly attempt: number;
  /** How long this round of attempts goes on, milliseconds. A line that held, a person or a wake begins a new one. */
  readonly forMs: number;
}

/** Delay before the next attempt, milliseconds; `undefined` gives up until a person acts. */
export type RetryPolicy = (cause: ErrorInfo, trying: Trying) => number | undefined;

/** As long as an outage is this young, somebody is likely to be waiting for its end. */
export const EAGER_MS = 60_000;

/**
 * The first minute may cost 180 SYNs. Most outages are short, and whoever waits then waits for every one of them: so the first
 * five attempts, of five seconds each, send four a second.
 */
const HASTE_MS = 22_500;

/** A line in doubt is usually well, and then answers within this time; a second dial would only be noise. */
export const HEAD_START_MS = 150;

/** After a sleep that long few lines are left; just enough for one that answers from nearby. */
export const AFTER_LONG_SLEEP = { sleepMs: 5_000, headStartMs: 20 } as const;

/** How long the TCP connection of an attempt may take, milliseconds. */
export function connectTimeoutMs({ attempt, forMs }: Trying): number {
  // After five repeats, one each second, the kernel takes its time: another attempt begins that afresh. With the pause
  // that follows, its first SYN keeps time with those of the attempt before.
  if (forMs < EAGER_MS) return 4_960;
  // The kernel repeats a SYN after a second. Late in an outage one is all that an attempt should cost, yet now and then
  // an answer that comes by way of a satellite must have its chance.
  return attempt % PATIENT_EVERY === 0 ? 2_800 : 900;
}

const PATIENT_EVERY = 10;

/** How an attempt sends its SYNs; the first counts as 1. */
export function paceOf({ attempt, forMs }: Trying): Pace {
  if (forMs >= EAGER_MS) return 'kernel';
  // A repeat of the kernel comes up to 0.1 s late, but only one that waits on can be answered from very far away.
  return { everyMs: forMs < HASTE_MS ? 250 : 500, isPatient: attempt % PATIENT_EARLY === 1 };
}

const PATIENT_EARLY = 4;

/**
 * Retries for ever what may pass by itself, and never what only a person can mend. Eager in the first minute:
 * measured, the line is back 0.2 s after a restart and 0.4 s after a black hole. Then 5 s easing to 30 s.
 */
export function createRetryPolicy(random: () => number): RetryPolicy {
  return (cause, trying) => {
    if (retryAdvice(cause) !== 'retry') return undefined;
    if (cause.code === 'ssh/forward-refused') return spread(trying.forMs < EAGER_MS ? 500 : 2_000, random);
    const reason = cause.code === 'ssh/host-unreachable' ? cause.params.reason : undefined;
    // OpenSSH's penalty lasts about 18 s after a burst; every dial within it makes it longer.
    if (reason === 'throttled') return Math.round(20_000 + random() * 10_000);
    if (trying.forMs === 0 && trying.attempt === 0) return 0;
    if (trying.forMs < EAGER_MS) return spread(eagerDelayMs(reason, cause, trying.attempt), random);
    return Math.min(30_000, Math.round(lateDelayMs(trying.forMs) * (1 + random() / 2)));
  };
}

function eagerDelayMs(reason: UnreachableReason | undefined, cause: ErrorInfo, attempt: number): number {
  if (cause.code === 'ssh/host-unknown') return 1_000;
  switch (reason) {
    case 'timeout':
      return 50;
    case 'no-route':
      return 350;
    case 'refused':
      return Math.min(300, 100 * 2 ** Math.min(attempt, 4));
    // Something accepts and hangs up: a proxy whose server restarts, or a limit that is better not tested.
    case 'reset':
    case 'not-ssh':
    case 'throttled':
    case undefined:
      return Math.min(5_000, 100 * 2 ** Math.min(attempt, 10));
  }
}

function lateDelayMs(forMs: number): number {
  return Math.min(30_000, 5_000 * 2 ** ((forMs - EAGER_MS) / EAGER_MS));
}

function spread(delayMs: number, random: () => number): number {
  return Math.round(delayMs * (0.75 + random() / 4));
}
