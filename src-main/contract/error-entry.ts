import type { ErrorAction, ErrorCode, ErrorParams, RetryAdvice } from './errors.ts';

export interface ErrorEntry<P> {
  readonly title: (params: P) => string;
  readonly body: (params: P) => string;
  readonly next: (params: P) => string;
  readonly severity: 'low' | 'medium' | 'high';
  readonly retry: RetryAdvice;
  readonly action: ErrorAction | undefined;
}

/** The entries of the codes that begin so. The mapped type makes a missing or misspelt code a compile error. */
export type ErrorEntries<Family extends string> = {
  readonly [C in Extract<ErrorCode, `${Family}/${string}`>]: ErrorEntry<ErrorParams[C]>;
};

type Traits = Pick<ErrorEntry<unknown>, 'severity' | 'retry' | 'action'>;

export const passing: Traits = { severity: 'medium', retry: 'retry', action: 'try-now' };
export const forUser = (action?: ErrorAction): Traits => ({ severity: 'high', retry: 'needs-user', action });
export const forUserQuietly = (action?: ErrorAction): Traits => ({ severity: 'medium', retry: 'needs-user', action });

export const RETRIES_ITSELF = 'Gangway keeps trying by itself, and at once when the network changes.';
