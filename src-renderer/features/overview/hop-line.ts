import type { HopView } from '../../../src-main/contract/snapshot.ts';

/** How the line from one hop to the next is drawn. */
export type HopLine = 'ok' | 'making' | 'wait' | 'broken' | 'unknown' | 'none';

const TO: Readonly<Record<HopView['state'], HopLine>> = {
  here: 'ok',
  connected: 'ok',
  connecting: 'making',
  asks: 'wait',
  waiting: 'wait',
  failed: 'broken',
  unreached: 'unknown',
  off: 'none',
  exposed: 'ok',
  public: 'ok',
};

/** Whole, broken before the hop that fails, dotted where unknown, thin where no traffic of ours passes. */
export function lineAfter(next: HopView | undefined): HopLine {
  if (next === undefined) return 'none';
  return next.hop === 'exposure' && TO[next.state] !== 'ok' ? 'none' : TO[next.state];
}

/** The hop that is in a box: at most one, the one to look at. */
export function isFault({ state }: HopView): boolean {
  return state === 'asks' || state === 'waiting' || state === 'failed';
}

/** The state as a word for those who do not see the shape. */
export const STATE_WORD: Readonly<Record<HopView['state'], string>> = {
  here: 'here',
  connected: 'connected',
  connecting: 'connecting',
  asks: 'asks you',
  waiting: 'waiting',
  failed: 'failed',
  unreached: 'not reached',
  off: 'off',
  exposed: 'open to your network',
  public: 'open to the internet',
};
