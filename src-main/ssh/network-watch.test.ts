import { expect, it } from 'vitest';

import { FakeClock } from '../platform/testing/fake-clock.ts';
import { watchNetwork } from './network-watch.ts';

it('tells of a change within half a second, once, and of the change back', async () => {
  const clock = new FakeClock();
  let addresses = ['10.0.0.2', 'fe80::1'];
  let changes = 0;
  const stop = watchNetwork(
    clock,
    () => addresses,
    () => (changes += 1),
  );
  await clock.advance(10_000);
  expect(changes).toBe(0);
  addresses = ['fe80::1', '10.0.0.2'];
  await clock.advance(1_000);
  expect(changes).toBe(0);
  addresses = ['192.168.1.7'];
  await clock.advance(500);
  expect(changes).toBe(1);
  addresses = ['10.0.0.2', 'fe80::1'];
  await clock.advance(5_000);
  expect(changes).toBe(2);
  stop();
  expect(clock.pendingTimers).toBe(0);
});

it('may be ended by the change itself', async () => {
  const clock = new FakeClock();
  let address = 'a';
  const stop = watchNetwork(
    clock,
    () => [address],
    () => stop(),
  );
  address = 'b';
  await clock.advance(1_000);
  expect(clock.pendingTimers).toBe(0);
});

it('looks once for all who read in the same way, and tells all of them', async () => {
  const clock = new FakeClock();
  let address = 'a';
  let looks = 0;
  const read = (): readonly string[] => {
    looks += 1;
    return [address];
  };
  const told: string[] = [];
  const stops = ['one', 'other'].map((name) => watchNetwork(clock, read, () => told.push(name)));
  await clock.advance(1_000);
  expect(looks).toBe(3);
  address = 'b';
  await clock.advance(500);
  expect(told).toEqual(['one', 'other']);
  stops[0]?.();
  address = 'c';
  await clock.advance(500);
  expect(told).toEqual(['one', 'other', 'other']);
  for (const stop of stops) stop();
  expect(clock.pendingTimers).toBe(0);
});
