import type { RetryPolicy } from './keeper.ts';

export interface BackoffOptions {
  readonly firstMs: number;
  readonly maxMs: number;
  /** 0 ≤ random() < 1, so that tests can choose. */
  readonly random: () => number;
}

/** Doubles from `firstMs` to `maxMs`, each spread over ± 25 %, for ever. */
export function backoff({ firstMs, maxMs, random }: BackoffOptions): RetryPolicy {
  return (_cause, { attempt }) => {
    const delayMs = Math.min(maxMs, firstMs * 2 ** Math.min(attempt, 20));
    return Math.round(delayMs * (0.75 + random() / 2));
  };
}
