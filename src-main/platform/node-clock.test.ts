import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { nodeClock } from './node-clock.ts';

beforeEach(() => void vi.useFakeTimers({ now: 1_000 }));
afterEach(() => void vi.useRealTimers());

const DAY_MS = 86_400_000;

it('tells the time in milliseconds since the epoch', () => {
  expect(nodeClock.now()).toBe(1_000);
});

it.each([1, 50, 40 * DAY_MS, 100 * DAY_MS])('runs a task once, after %i ms', (delayMs) => {
  const task = vi.fn<() => void>();
  nodeClock.after(delayMs, task);
  vi.advanceTimersByTime(delayMs - 1);
  expect(task).not.toHaveBeenCalled();
  vi.advanceTimersByTime(2 * DAY_MS);
  expect(task).toHaveBeenCalledTimes(1);
  expect(vi.getTimerCount()).toBe(0);
});

it.each([50, 40 * DAY_MS])('never runs a task of %i ms that was cancelled, even twice', (delayMs) => {
  const task = vi.fn<() => void>();
  const cancel = nodeClock.after(delayMs, task);
  vi.advanceTimersByTime(delayMs - 1);
  cancel();
  cancel();
  expect(vi.getTimerCount()).toBe(0);
});
