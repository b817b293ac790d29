import { PassThrough } from 'node:stream';

import { expect, it } from 'vitest';

import { FakeClock, settle } from '../platform/testing/fake-clock.ts';
import type { Channel } from './link.ts';
import { SpareChannels } from './spare-channels.ts';

class FakeChannel extends PassThrough implements Channel {
  isFresh = true;
  isClosed = false;
  close(): void {
    this.isClosed = true;
    this.emit('close');
  }
}

function spares(open: () => Promise<FakeChannel> = async () => new FakeChannel()) {
  const clock = new FakeClock();
  const opened: FakeChannel[] = [];
  const pool = new SpareChannels({
    open: async () => {
      const channel = await open();
      opened.push(channel);
      return channel;
    },
    isFresh: (channel) => (channel as FakeChannel).isFresh,
    clock,
  });
  return { pool, clock, opened };
}

it('keeps two, and opens none before the first was asked for', async () => {
  const { pool, opened } = spares();
  expect(pool.take()).toBeUndefined();
  expect(opened).toHaveLength(0);
  pool.refill();
  pool.refill();
  await settle();
  expect(opened).toHaveLength(2);
  expect(pool.take()).toBe(opened[0]);
  expect(pool.take()).toBe(opened[1]);
  expect(pool.take()).toBeUndefined();
});

it('lets them go after ten seconds without use', async () => {
  const { pool, clock, opened } = spares();
  pool.refill();
  await clock.advance(10_000);
  expect(opened.map(({ isClosed }) => isClosed)).toEqual([true, true]);
  expect(pool.take()).toBeUndefined();
  expect(clock.pendingTimers).toBe(0);
});

it('never hands out one that the server has given up', async () => {
  const { pool, opened } = spares();
  pool.refill();
  await settle();
  opened[0]!.isFresh = false;
  expect(pool.take()).toBe(opened[1]);
  expect(opened[0]!.isClosed).toBe(true);
});

it('forgets one that is closed, and opens another', async () => {
  const { pool, opened } = spares();
  pool.refill();
  await settle();
  opened[0]!.close();
  pool.refill();
  await settle();
  expect(opened).toHaveLength(3);
});

it('tries again after a failure', async () => {
  let failures = 2;
  const { pool, opened } = spares(async () => {
    failures -= 1;
    if (failures >= 0) throw new Error('refused');
    return new FakeChannel();
  });
  pool.refill();
  await settle();
  pool.refill();
  await settle();
  expect(opened).toHaveLength(2);
});

it('leaves no timer and keeps no channel once the line is gone', async () => {
  const { pool, clock, opened } = spares();
  pool.refill();
  pool.end();
  await settle();
  pool.refill();
  expect(opened.every(({ isClosed }) => isClosed)).toBe(true);
  expect(clock.pendingTimers).toBe(0);
});
