import { describe, expect, it } from 'vitest';

import type { ExposureState, LocalExposure, VisitorView } from '../../../src-main/contract/exposure.ts';
import { fixOf } from './check-fix.ts';
import {
  closing,
  devicesDetail,
  devicesWords,
  freshness,
  shareLeft,
  sinceWords,
  timeGiven,
  timeLeft,
  undoWords,
  visitorRow,
  visitorSum,
} from './exposure-words.ts';
import { checkPassword } from './SetPasswordDialog.tsx';

const NOW = new Date(2026, 10, 23, 14, 30).getTime();
const MINUTE = 60_000;
const active: ExposureState = {
  status: 'active',
  mode: 'funnel',
  sinceMs: NOW - MINUTE,
  url: 'https://laptop.tail1f3a.ts.net',
  checkedAtMs: NOW - 4_000,
  answeredAtMs: undefined,
};
const wish = { mode: 'funnel', port: 443, untilMs: NOW + 27 * MINUTE } as const;
const plain = (text: string): string => text.replaceAll('\u00a0', ' ');

it.each([
  [0, 0, '(no other device known)', ''],
  [1, 1, '(up to 1 other device)', 'The other device is online; '],
  [1, 0, '(up to 1 other device)', 'The other device is not online; '],
  [7, 1, '(up to 7 other devices)', 'Of the 7 other devices 1 is online; '],
  [7, 0, '(up to 7 other devices)', 'Of the 7 other devices 0 are online; '],
])('%d other devices, %d of them online, are %s', (others, online, words, detail) => {
  const devices = { others, online, askedAtMs: NOW };
  const fewer = others === 0 ? '' : 'the access rules of the tailnet may let fewer in.';
  expect([devicesWords(devices), devicesDetail(devices)]).toEqual([words, `${detail}${fewer}`]);
});

it.each([
  [27 * MINUTE + 14_000, '27:14'],
  [61 * MINUTE, '1:01:00'],
  [24 * 60 * MINUTE, '24:00:00'],
  [4_200, '0:05'],
  [-1, '0:00'],
])('%d ms are shown as %s', (ms, text) => expect(timeLeft(NOW + ms, NOW)).toBe(text));

it.each([
  [30 * MINUTE, '30 min'],
  [29 * MINUTE + 20_000, '30 min'],
  [24 * 60 * MINUTE - 900, '1 day'],
])('open for %d ms was to be %s', (ms, text) => {
  expect(plain(timeGiven({ sinceMs: NOW, untilMs: NOW + ms }))).toBe(text);
});

it('never shows more or less than all of the time that is left', () => {
  const of = { sinceMs: 0, untilMs: 100 };
  expect([-50, 0, 25, 100, 200].map((nowMs) => shareLeft(of, nowMs))).toEqual([1, 1, 0.75, 0, 0]);
});

describe('the sentence', () => {
  it('says when it closes, while it is open and closes at all', () => {
    expect(closing({ state: active, wish }, NOW)).toBe('It closes at 14:57.');
    expect(closing({ state: active, wish: { ...wish, untilMs: undefined } }, NOW)).toBe('');
    expect(closing({ state: { status: 'off' }, wish }, NOW)).toBe('');
  });

  it('says how fresh it is, and what was not tried', () => {
    expect(plain(freshness({ state: active }, NOW))).toBe('The route was seen 4 s ago.');
    const answered = { ...active, answeredAtMs: NOW - 40_000 };
    expect(plain(freshness({ state: answered }, NOW))).toContain('It answered at its own address 40 s ago.');
  });

  it('says since when', () => {
    expect(sinceWords({ state: active, wish }, NOW)).toBe('Funnel is on since 14:29');
    const cause = { code: 'tailscale/stopped', params: {} } as const;
    const failed = { status: 'failed', mode: 'funnel', sinceMs: NOW, cause } as const;
    expect(sinceWords({ state: failed, wish }, NOW)).toBe('Funnel is not open since 14:30');
  });
});

it.each<[LocalExposure['undo'] & object, string]>([
  [{ mode: 'off', restoresConfig: false }, 'Undo closes it again.'],
  [
    { mode: 'serve', restoresConfig: true },
    'Undo goes back to Serve, and gives the configuration the text it had before.',
  ],
  [{ mode: 'funnel', restoresConfig: true }, 'Undo gives the configuration the text it had before.'],
])('says what undo does: %j', (undo, words) => expect(undoWords(undo, { wish })).toBe(words));

describe('a visitor', () => {
  const stranger: VisitorView = {
    address: '203.0.113.40',
    login: undefined,
    device: undefined,
    signedIn: 'no',
    requests: 1,
    refused: 0,
    isLockedOut: false,
    lastSeenMs: NOW,
  };
  it.each<[Partial<VisitorView>, string]>([
    [{}, 'off 203.0.113.40 (not signed in) 1 request'],
    [{ signedIn: 'secret', requests: 11 }, 'connected 203.0.113.40 (signed in with the password) 11 requests'],
    [{ refused: 3, requests: 3, isLockedOut: true }, 'warn 203.0.113.40 (3 wrong passwords, locked out) 3 requests'],
    [
      { login: 'ann@example.com', device: 'phone', signedIn: 'identity', requests: 2 },
      'connected ann@example.com (phone, 203.0.113.40, by Tailscale identity) 2 requests',
    ],
    [{ device: 'phone' }, 'off phone, 203.0.113.40 (not signed in) 1 request'],
  ])('%j is a row', (change, expected) => {
    const { glyph, who, detail, requests } = visitorRow({ ...stranger, ...change }, 'password');
    expect(`${glyph} ${who} (${detail}) ${requests}`).toBe(expected);
  });

  it('counts among those who signed in or were refused', () => {
    const refused = { ...stranger, refused: 1 };
    expect(visitorSum([stranger, refused, { ...stranger, signedIn: 'secret' }])).toBe('1 signed in, 1 refused');
    expect(visitorSum([stranger])).toBe('');
  });
});

describe('the fix of a check', () => {
  it('offers the other ports where one is taken', () => {
    expect(fixOf({ code: 'tailscale/port-taken', params: { port: 443, holder: undefined } })).toEqual({
      type: 'ports',
      ports: [8443, 10_000],
    });
  });

  it('is a link where the daemon gave one, else a command', () => {
    expect(fixOf({ code: 'tailscale/signed-out', params: { url: 'https://login.tailscale.com/a/1' } })?.type).toBe(
      'link',
    );
    expect(fixOf({ code: 'tailscale/signed-out', params: { url: undefined } })?.type).toBe('command');
  });

  it('is none where only waiting helps', () => {
    expect(fixOf({ code: 'tailscale/starting', params: {} })).toBeUndefined();
  });
});

it.each([
  ['short', 'It needs 16 characters or more; these are 5.'],
  [' with spaces around it', 'It must neither begin nor end with a space.'],
  ['correct horse battery', undefined],
])('a password of “%s” is judged before it is sent', (password, words) => expect(checkPassword(password)).toBe(words));
