import { Duplex } from 'node:stream';

import ssh2 from 'ssh2';
import { describe, expect, it } from 'vitest';

import type { Channel } from './link.ts';
import { ReceiveWindow, type WindowBudget } from './receive-window.ts';

const MIB = 1024 * 1024;

class CountedChannel extends Duplex implements Channel {
  readonly incoming = { window: 2 * MIB };
  readonly outgoing = { id: 7 };
  override _read(): void {}
  close(): void {}
}

/** A server that sends all it may within each round trip, and a client that takes it at once. */
function download(roundTripMs: number | undefined, budget: WindowBudget = { bytesLeft: 64 * MIB }) {
  let nowMs = 0;
  const credits: number[] = [];
  const client = Object.assign(new ssh2.Client(), {
    _protocol: { channelWindowAdjust: (id: number, bytes: number) => credits.push(id === 7 ? bytes : Number.NaN) },
  });
  const channel = new CountedChannel();
  const window = ReceiveWindow.of(channel, { client, budget, roundTripMs: () => roundTripMs, nowMs: () => nowMs });
  const take = (bytes: number): void => {
    channel.incoming.window -= bytes;
    window?.consumed(bytes);
  };
  const round = (mostBytes = Number.POSITIVE_INFINITY): number => {
    nowMs += roundTripMs ?? 0;
    let left = Math.min(channel.incoming.window, mostBytes);
    const sent = left;
    for (; left > 0; left -= 32_768) take(Math.min(left, 32_768));
    return sent;
  };
  return { channel, window, credits, round, budget };
}

describe('the receive window', () => {
  it('doubles as long as the server uses it up, to 16 MiB', () => {
    const { round } = download(80);
    const rounds = Array.from({ length: 8 }, () => round() / MIB);
    expect(rounds[0]).toBe(2);
    expect(rounds.at(-1)).toBeCloseTo(16, 0);
    expect(Math.max(...rounds)).toBeLessThanOrEqual(16);
  });

  it('stays as it is where the way carries less', () => {
    const { round, channel } = download(80);
    for (let index = 0; index < 20; index += 1) round(MIB / 2);
    expect(channel.incoming.window).toBeLessThanOrEqual(2 * MIB);
  });

  it.each([undefined, 0.2, 3.9])('leaves a server at %s ms to ssh2', (roundTripMs) => {
    const { round, credits } = download(roundTripMs);
    round();
    expect(credits).toEqual([]);
  });

  it('gives no credit for what is still in memory', () => {
    const { channel, window, credits } = download(80);
    channel.incoming.window -= 2 * MIB;
    channel.push(Buffer.alloc(2 * MIB));
    window?.consumed(512 * 1024);
    expect(credits).toEqual([]);
  });

  it('keeps all channels together within the budget, and gives its share back', () => {
    const budget = { bytesLeft: 3 * MIB };
    const { round, channel } = download(80, budget);
    for (let index = 0; index < 8; index += 1) round();
    expect(channel.incoming.window).toBeLessThanOrEqual(4 * MIB);
    expect(budget.bytesLeft).toBe(MIB);
    channel.emit('close');
    expect(budget.bytesLeft).toBe(3 * MIB);
  });

  it('sees a server that sends more than it may', () => {
    const { channel, window } = download(80);
    channel.incoming.window = -1;
    expect(window?.isOverrun).toBe(true);
  });

  it('is absent where another version of ssh2 counts elsewhere', () => {
    const options = { budget: { bytesLeft: 0 }, roundTripMs: () => 80, nowMs: () => 0 };
    expect(ReceiveWindow.of(new CountedChannel(), { client: new ssh2.Client(), ...options })).toBeUndefined();
  });
});
