import { describe, expect, it } from 'vitest';

import { ago, countdown, dayOf, duration, moment, secondsUntil, timeOfDay } from './time-text.ts';

const plain = (text: string): string => text.replaceAll('\u00a0', ' ');
const now = new Date(2026, 10, 23, 14, 32, 20).getTime();
const at = (day: number, hours: number, minutes: number, seconds = 0): number =>
  new Date(2026, 10, day, hours, minutes, seconds).getTime();

describe('a duration', () => {
  it.each([
    [-5, '0 s'],
    [999, '0 s'],
    [42_000, '42 s'],
    [60_000, '1 min'],
    [250_000, '4 min 10 s'],
    [600_000, '10 min'],
    [3_599_000, '59 min'],
    [3_600_000, '1 h'],
    [11_520_000, '3 h 12 min'],
    [86_400_000, '1 day'],
    [6.9 * 86_400_000, '6 days'],
  ])('of %d ms is said as %s', (ms, said) => expect(plain(duration(ms))).toBe(said));
});

describe('a moment', () => {
  it.each([
    [at(23, 9, 5), '09:05'],
    [at(23, 0, 0), '00:00'],
    [at(22, 23, 59), 'yesterday 23:59'],
    [at(21, 14, 3), '21 Nov 14:03'],
  ])('at %d is said as %s', (atMs, said) => expect(plain(moment(atMs, now))).toBe(said));

  it('has seconds where they matter', () => {
    expect(timeOfDay(at(23, 14, 2, 13), 'seconds')).toBe('14:02:13');
    expect(plain(dayOf(at(3, 1, 1)))).toBe('3 Nov');
  });
});

it('never says that something was in the future', () => {
  expect(ago(now + 5_000, now)).toBe('just now');
  expect(ago(now - 1_999, now)).toBe('just now');
  expect(plain(ago(now - 4_000, now))).toBe('4 s ago');
});

it.each([
  [now + 11_001, 12, '12 s'],
  [now - 1, 0, '0 s'],
  [now + 99_000, 99, '99 s'],
  [now + 250_000, 250, '4 min 10 s'],
])('counts down in whole seconds, rounded up', (untilMs, seconds, said) => {
  expect(secondsUntil(untilMs, now)).toBe(seconds);
  expect(plain(countdown(seconds))).toBe(said);
});
