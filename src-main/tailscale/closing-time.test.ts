import { describe, expect, it } from 'vitest';

import { closingAt, remaining, seenAgain, seenFrom, type ClosingTime, type Moment } from './closing-time.ts';

const MIN = 60_000;
const DAY = Date.UTC(2026, 0, 1);

/** So many minutes by the time of day, and by what has really passed, after the Funnel was opened for an hour. */
const after = (byDay: number, passed = byDay): Moment => ({ wallMs: DAY + byDay * MIN, upMs: (600 + passed) * MIN });
const HOUR_LONG = closingAt(DAY + 60 * MIN, after(0));

describe('within one run', () => {
  it.each<[string, Moment, number, string]>([
    ['nothing happens to the clock', after(20), 40, 'on-time'],
    ['the computer slept, which both clocks count', after(59), 1, 'on-time'],
    ['the clock is put right by some seconds', { wallMs: DAY + 20 * MIN - 20_000, upMs: 620 * MIN }, 40, 'on-time'],
    ['the clock was set back by an hour', after(-40, 20), 40, 'clock-back'],
    ['the clock was set back to 1970', { wallMs: 0, upMs: 650 * MIN }, 10, 'clock-back'],
    ['the clock was set forward', after(50, 20), 10, 'clock-ahead'],
    ['its time is over by what passed alone', after(10, 60), 0, 'clock-back'],
    ['its time is over by the time of day alone', after(60, 10), 0, 'clock-ahead'],
  ])('%s', (_what, now, minutes, end) => {
    expect(remaining(HOUR_LONG, now)).toEqual({ leftMs: minutes * MIN, end });
  });

  it('is never open for longer than was meant, however often the clock is set', () => {
    let closing: ClosingTime = HOUR_LONG;
    for (const [at, byDay] of [10, -300, 5, -5_000, 7, 90, -20].entries()) {
      const passed = at * 9;
      const now = after(byDay, passed);
      closing = seenFrom(closing, now);
      expect(remaining(closing, now).leftMs).toBeLessThanOrEqual((60 - passed) * MIN);
    }
    expect(remaining(closing, after(-5_000, 60)).leftMs).toBeLessThanOrEqual(0);
  });

  it('shows a closing time that is true again after the clock was set back, and remembers why', () => {
    const now = after(-40, 20);
    const closing = seenFrom(HOUR_LONG, now);
    expect(closing.untilMs).toBe(now.wallMs + 40 * MIN);
    expect(remaining(closing, after(0, 60))).toEqual({ leftMs: 0, end: 'clock-back' });
  });
});

describe('in another run', () => {
  const noted = (boot?: string): Parameters<typeof seenAgain>[0] => ({
    ...HOUR_LONG,
    at: { ...HOUR_LONG.at, boot },
  });
  const left = (...[closing, now]: Parameters<typeof seenAgain>) => remaining(seenAgain(closing, now), now);

  it.each<[string, Parameters<typeof seenAgain>[1], number, string]>([
    ['of the same boot, nothing happened to the clock', { ...after(20), boot: 'a' }, 40, 'on-time'],
    ['of the same boot, the clock was set back', { ...after(-60, 20), boot: 'a' }, 40, 'clock-back'],
    ['after a restart, by the time of day', { wallMs: DAY + 20 * MIN, upMs: MIN, boot: 'b' }, 40, 'on-time'],
    ['after a restart whose clock stood still', { wallMs: DAY, upMs: 10 * MIN, boot: 'b' }, 50, 'clock-back'],
    ['after a restart whose clock went back', { wallMs: 0, upMs: MIN, boot: 'b' }, 0, 'clock-unsure'],
    ['after a restart whose uptime is that of before', { ...after(20), boot: 'b' }, -560, 'clock-back'],
  ])('%s', (_what, now, minutes, end) => {
    expect(left(noted('a'), now)).toMatchObject({ leftMs: minutes * MIN, end });
  });

  it.each<[string, Moment, number]>([
    ['the same boot', after(20), 40],
    ['another boot', { wallMs: DAY + 20 * MIN, upMs: MIN }, 40],
    ['the same boot with its clock set back: it cannot be told from another', after(-60, 20), 0],
  ])('tells boots apart by when they began where the system does not name them: %s', (_what, now, minutes) => {
    expect(left(noted(), now).leftMs).toBe(minutes * MIN);
  });
});
