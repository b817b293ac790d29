import { expect, it } from 'vitest';

import { onPulse, PULSE_MS } from './pulse.ts';
import { FakeClock } from './testing/fake-clock.ts';

it('serves everybody by one timer, which ends with the last of them', async () => {
  const clock = new FakeClock();
  const called: string[] = [];
  const stops = ['a', 'b'].map((name) => onPulse(clock, () => called.push(name)));
  expect(clock.pendingTimers).toBe(1);
  await clock.advance(2 * PULSE_MS);
  expect(called).toEqual(['a', 'b', 'a', 'b']);
  for (const stop of [...stops, ...stops]) stop();
  expect(clock.pendingTimers).toBe(0);
});

it('lets a task end itself and the next one, and begin another', async () => {
  const clock = new FakeClock();
  const called: string[] = [];
  const stops: (() => void)[] = [];
  stops.push(
    onPulse(clock, () => {
      called.push('first');
      for (const stop of stops.splice(0)) stop();
      stops.push(onPulse(clock, () => called.push('another')));
    }),
    onPulse(clock, () => called.push('ended before its turn')),
  );
  await clock.advance(2 * PULSE_MS);
  expect(called).toEqual(['first', 'another']);
  for (const stop of stops) stop();
  expect(clock.pendingTimers).toBe(0);
});

it('does not mix up clocks', async () => {
  const [one, other] = [new FakeClock(), new FakeClock()];
  let calls = 0;
  const stops = [one, other].map((clock) => onPulse(clock, () => (calls += 1)));
  await one.advance(PULSE_MS);
  expect(calls).toBe(1);
  for (const stop of stops) stop();
});
