import { PassThrough } from 'node:stream';

import { expect, it } from 'vitest';

import { FakeClock, settle } from '../platform/testing/fake-clock.ts';
import type { Channel } from './link.ts';
import { SpareChannels } from './spare-channels.ts';

/** What the far side sends is pushed. */
class FarChannel extends PassThrough implements Channel {
  isClosed = false;
  close(): void {
    this.isClosed = true;
  }
  override _write(_chunk: unknown, _encoding: BufferEncoding, done: () => void): void {
    done();
  }
  override _read(): void {}
}

function spares() {
  const clock = new FakeClock();
  return { clock, spares: new SpareChannels(clock) };
}

it('gives the newest first, each once', () => {
  const { spares: kept } = spares();
  const [one, other] = [new FarChannel(), new FarChannel()];
  kept.keep(one);
  kept.keep(other);
  expect([kept.take(), kept.take(), kept.take()]).toEqual([other, one, undefined]);
  expect([one.isClosed, other.isClosed]).toEqual([false, false]);
});

it('ends the oldest when a third comes', () => {
  const { spares: kept } = spares();
  const channels = [new FarChannel(), new FarChannel(), new FarChannel()] as const;
  for (const channel of channels) kept.keep(channel);
  expect(channels.map(({ isClosed }) => isClosed)).toEqual([true, false, false]);
});

it('gives none that the far side may be tired of', async () => {
  const { clock, spares: kept } = spares();
  const channel = new FarChannel();
  kept.keep(channel);
  await clock.advance(30_001);
  expect(kept.take()).toBeUndefined();
  expect(channel.isClosed).toBe(true);
});

it('gives none that the computer slept over', () => {
  const { clock, spares: kept } = spares();
  kept.keep(new FarChannel());
  clock.sleep(60_000);
  expect(kept.take()).toBeUndefined();
});

it.each([
  ['ended', (channel: FarChannel) => channel.push(null)],
  ['greeted', (channel: FarChannel) => channel.push('220 hello')],
])('gives none that the far side has %s', async (_how, speak) => {
  const { spares: kept } = spares();
  const channel = new FarChannel();
  kept.keep(channel);
  speak(channel);
  await settle();
  expect(channel.isClosed).toBe(true);
  expect(kept.take()).toBeUndefined();
});

it('hands over a channel that reads as a new one does', async () => {
  const { spares: kept } = spares();
  const channel = new FarChannel();
  kept.keep(channel);
  await settle();
  const taken = kept.take();
  let text = '';
  taken?.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const ended = new Promise((resolve) => taken?.once('end', resolve));
  channel.push('hello');
  channel.push(null);
  await ended;
  expect(text).toBe('hello');
});

it('ends all when the line is gone', () => {
  const { spares: kept } = spares();
  const channels = [new FarChannel(), new FarChannel()];
  for (const channel of channels) kept.keep(channel);
  kept.clear();
  expect(channels.every(({ isClosed }) => isClosed)).toBe(true);
  expect(kept.take()).toBeUndefined();
});
