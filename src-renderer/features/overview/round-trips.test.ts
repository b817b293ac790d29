import { describe, expect, it } from 'vitest';

import { plot, scaleTop, summarize } from './round-trips.ts';

const every10s = (...latencies: readonly (number | undefined)[]) =>
  latencies.map((ms, index) => ({ atMs: index * 10_000, ms }));

describe('the figures of round trips', () => {
  it('are the middle, what 95 of 100 stay within, and what was lost', () => {
    const samples = every10s(...Array.from({ length: 100 }, (_sample, index) => index + 1), undefined, undefined);
    expect(summarize(samples)).toEqual({
      medianMs: 50.5,
      mostMs: 95,
      lost: 2,
      count: 102,
      lastGood: { atMs: 990_000, ms: 100 },
    });
  });

  it.each([
    [[], undefined, undefined],
    [[undefined], undefined, undefined],
    [[7], 7, 7],
    [[9, 1, 5], 5, 9],
  ])('of %j have the median %s and the 95 %% %s', (latencies, medianMs, mostMs) => {
    expect(summarize(every10s(...latencies))).toMatchObject({ medianMs, mostMs });
  });
});

it.each([
  [[], 0.6],
  [[0.4], 0.6],
  [[0.8], 1],
  [[23, 41], 60],
  [[55], 100],
  [[95], 200],
  [[1_500], 2_000],
  [[undefined, 9], 10],
])('the scale above %j ends at %d', (latencies, topMs) => {
  expect(scaleTop(every10s(...latencies))).toBeCloseTo(topMs);
});

describe('the sparkline', () => {
  const size = { width: 90, height: 10, endMs: 90_000, topMs: 10 };

  it('joins answers and leaves the lost ones out', () => {
    const { trace, lost } = plot(every10s(5, 5, undefined, undefined, 0, 20), size);
    expect(trace).toBe('M81 5L82 5M85 10L86 0');
    expect(lost).toEqual([{ x: 83, width: 2 }]);
  });

  it('marks what is lost up to now', () => {
    expect(plot(every10s(5, undefined, undefined), size).lost).toEqual([{ x: 82, width: 8 }]);
  });

  it('is not drawn through a time that nobody measured', () => {
    const samples = [
      { atMs: 0, ms: 5 },
      { atMs: 60_000, ms: 5 },
    ];
    expect(plot(samples, size).trace).toBe('M81 5L83 5M87 5L89 5');
  });

  it('drops what is older than its left edge', () => {
    expect(plot(every10s(5, 5), { ...size, endMs: 15 * 60_000 + 5_000 }).trace).toBe('M0.5 5L2.5 5');
  });
});
