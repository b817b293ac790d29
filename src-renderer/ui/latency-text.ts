import { THIN } from './time-text.ts';

/** A latency as a bare figure: one decimal below 10 ms, whole above. */
export function latencyFigure(ms: number): string {
  if (ms >= 9.95) return String(Math.round(ms));
  return String(Math.max(0.1, Math.round(ms * 10) / 10));
}

/** `23 ms`, `0.4 ms`. */
export function latency(ms: number): string {
  return `${latencyFigure(ms)}${THIN}ms`;
}

/**
 * Rounds the shares of a round trip so that the figures shown add up to the total shown: each is the difference of
 * two rounded running sums. A hop without a share keeps none.
 */
export function roundShares(shares: readonly (number | undefined)[]): readonly (number | undefined)[] {
  const total = shares.reduce<number>((sum, share) => sum + (share ?? 0), 0);
  const perUnit = total >= 9.95 ? 1 : 10;
  let exact = 0;
  return shares.map((share) => {
    if (share === undefined) return undefined;
    const before = Math.round(exact * perUnit);
    exact += share;
    return (Math.round(exact * perUnit) - before) / perUnit;
  });
}
