import { expect, it } from 'vitest';

import { FakeClock } from '../../platform/testing/fake-clock.ts';
import { runOptions } from '../testing/gateway-harness.ts';
import { AttemptLimiter } from './attempt-limiter.ts';

it('locks out after ten failures within a minute, for five minutes', async () => {
  const clock = new FakeClock();
  const limiter = new AttemptLimiter(() => runOptions.rateLimit, clock);
  for (let attempt = 0; attempt < 9; attempt += 1) limiter.failed('a');
  expect(limiter.lockedForMs('a')).toBe(0);
  limiter.failed('a');
  expect(limiter.lockedForMs('a')).toBe(300_000);
  expect(limiter.lockedForMs('b')).toBe(0);
  await clock.advance(300_000);
  expect(limiter.lockedForMs('a')).toBe(0);
});

it('forgets failures that are older than a minute', async () => {
  const clock = new FakeClock();
  const limiter = new AttemptLimiter(() => runOptions.rateLimit, clock);
  for (let attempt = 0; attempt < 9; attempt += 1) limiter.failed('a');
  await clock.advance(60_000);
  limiter.failed('a');
  expect(limiter.lockedForMs('a')).toBe(0);
});

it('doubles the delay of the answer up to 5 s, and begins anew after a success', () => {
  const limiter = new AttemptLimiter(() => runOptions.rateLimit, new FakeClock());
  expect(Array.from({ length: 6 }, () => limiter.failed('a'))).toEqual([250, 500, 1_000, 2_000, 4_000, 5_000]);
  limiter.succeeded('a');
  expect(limiter.failed('a')).toBe(250);
});
