import { describe, expect, it } from 'vitest';

import { FakeClock } from '../platform/testing/fake-clock.ts';
import { nullLogger } from '../platform/testing/null-logger.ts';
import { DeviceCount, parseDevices } from './tailnet-devices.ts';

it.each<[string, object, { others: number; online: number }]>([
  [
    'those that are there',
    { a: { DNSName: 'a.x.ts.net.', Online: true }, b: { Online: false } },
    { others: 2, online: 1 },
  ],
  ['not those that have expired', { a: { Online: true, Expired: true } }, { others: 0, online: 0 }],
  ['not hired exit nodes', { a: { DNSName: 'se-sto-1.mullvad.ts.net.', Online: true } }, { others: 0, online: 0 }],
])('counts %s', (_what, Peer, expected) => expect(parseDevices({ Peer })).toEqual(expected));

it('counts none in a tailnet of one', () => expect(parseDevices({ Peer: null })).toEqual({ others: 0, online: 0 }));

it.each(['text', { Peer: { a: { Online: 'yes' } } }])('does not guess from %j', (json) =>
  expect(() => parseDevices(json)).toThrow('Invalid input'),
);

describe('whoever looks', () => {
  function count(answer: () => Promise<{ others: number; online: number }>) {
    const clock = new FakeClock(1_000);
    let asked = 0;
    const read = () => {
      asked += 1;
      return answer();
    };
    return { clock, devices: new DeviceCount({ read, clock, log: nullLogger }), asked: () => asked };
  }

  it('makes Tailscale say it once a minute at most', async () => {
    const { clock, devices, asked } = count(async () => ({ others: 3, online: 2 }));
    const both = await Promise.all([devices.now(), devices.now()]);
    expect([both, asked()]).toEqual([Array.from({ length: 2 }, () => ({ others: 3, online: 2, askedAtMs: 1_000 })), 1]);
    await clock.advance(59_999);
    await devices.now();
    expect(asked()).toBe(1);
    await clock.advance(1);
    expect([await devices.now(), asked()]).toEqual([{ others: 3, online: 2, askedAtMs: 61_000 }, 2]);
  });

  it('is told nothing where Tailscale does not say', async () => {
    const { devices, asked } = count(async () => Promise.reject(new Error('the answer is too long')));
    expect([await devices.now(), await devices.now(), asked()]).toEqual([undefined, undefined, 1]);
  });
});
