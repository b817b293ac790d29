import { beforeEach, expect, it } from 'vitest';

import { fail, type AppError } from '../contract/errors.ts';
import { FakeClock, settle } from '../platform/testing/fake-clock.ts';
import { ConnectBudget } from './connect-budget.ts';

const server = { host: 'studio', port: 22 };
const refused = fail('ssh/auth-rejected', { host: 'studio', user: 'ann', tried: ['id_ed25519'] });
const cutOff = fail('ssh/connection-lost', { host: 'studio' });
const unreachable = fail('ssh/host-unreachable', { host: 'studio', port: 22, reason: 'refused' });

let clock: FakeClock;
let budget: ConnectBudget;
beforeEach(() => {
  clock = new FakeClock(1_000_000);
  budget = new ConnectBudget(clock);
});

async function failing(failure: AppError, to = server): Promise<void> {
  await expect(budget.charge(to, Promise.reject(failure))).rejects.toBe(failure);
}

/** How long a connection has to wait for its turn, milliseconds. */
async function wait(to = server): Promise<number> {
  const startMs = clock.now();
  const room = budget.room(to, new AbortController().signal);
  await settle();
  while (clock.pendingTimers > 0) await clock.advance(1);
  await room;
  return clock.now() - startMs;
}

it('lets through what a server bears, and then as much as it forgets', async () => {
  for (let connection = 0; connection < 2; connection += 1) {
    expect(await wait()).toBe(0);
    await failing(refused);
  }
  // With a third it would come to 15 s, where a server shuts the address out.
  expect(await wait()).toBe(1);
  await failing(refused);
  expect(await wait()).toBe(5_000);
});

it.each([
  ['that nobody signed in on', cutOff, 10],
  ['that was refused', refused, 2],
  ['that was never made', unreachable, 100],
])('counts a connection %s as OpenSSH does', async (_which, error, most) => {
  for (let connection = 0; connection < most; connection += 1) {
    expect(await wait()).toBe(0);
    await failing(error);
  }
  expect((await wait()) > 0).toBe(error !== unreachable);
});

it('counts each server by itself, and nothing for who gets in', async () => {
  const other = { host: 'studio', port: 2222 };
  for (let connection = 0; connection < 3; connection += 1) await failing(refused, other);
  expect(await budget.charge(server, Promise.resolve('in'))).toBe('in');
  expect(await wait()).toBe(0);
  expect(await wait(other)).toBe(5_001);
});

it('ends the wait with the reason of whoever stops it, and leaves no timer', async () => {
  for (let connection = 0; connection < 3; connection += 1) await failing(refused);
  const abort = new AbortController();
  const room = budget.room(server, abort.signal);
  await settle();
  abort.abort(new Error('stopped'));
  await expect(room).rejects.toThrow('stopped');
  expect(clock.pendingTimers).toBe(0);
});

it('never waits longer because the clock was set back', async () => {
  for (let connection = 0; connection < 3; connection += 1) await failing(refused);
  clock.set(-3_600_000);
  expect(await wait()).toBeLessThanOrEqual(5_001);
});
