import { describe, expect, it } from 'vitest';

import { latency, latencyFigure, roundShares } from './latency-text.ts';

describe('a latency', () => {
  it.each([
    [0, '0.1'],
    [0.42, '0.4'],
    [1, '1'],
    [9.94, '9.9'],
    [9.96, '10'],
    [23.4, '23'],
    [1_200.5, '1201'],
  ])('of %d ms is written %s', (ms, written) => expect(latencyFigure(ms)).toBe(written));

  it('never parts from its unit', () => expect(latency(23)).toBe('23\u00a0ms'));
});

describe('the shares of a round trip', () => {
  it('add up to the figure shown for the whole', () => {
    expect(roundShares([undefined, 18.4, 0.9, 3.9, undefined])).toEqual([undefined, 18, 1, 4, undefined]);
    const shares = roundShares([7.4, 7.4, 7.4]);
    expect(shares.reduce<number>((sum, share) => sum + (share ?? 0), 0)).toBe(22);
  });

  it('have a decimal when the whole is small', () => expect(roundShares([0.24, 0.13])).toEqual([0.2, 0.2]));
});
