import { describe, expect, it } from 'vitest';

import type { ExposureState, LocalExposure } from '../contract/exposure.ts';
import { CLOSED, LOOPBACK, TAILNET_URL } from '../supervisor/testing/fake-exposed-gateway.ts';
import { changeText, checkText, exposureText, parseOpenFor, planLine } from './tailscale-text.ts';

const reach = { headline: 'Your tailnet can reach this gateway now, with a token.', detail: 'By Serve.' };

function exposure(state: ExposureState, change: Partial<LocalExposure> = {}): LocalExposure {
  return { wish: CLOSED, state, before: 'off', visitors: [], access: LOOPBACK, undo: undefined, ...change };
}

const funnel: ExposureState = {
  status: 'active',
  mode: 'funnel',
  sinceMs: 0,
  url: TAILNET_URL,
  checkedAtMs: 0,
  answeredAtMs: undefined,
};

describe('a check', () => {
  it('is one line when it is well', () => {
    expect(checkText({ id: 'port', found: '443, free', fault: undefined }, CLOSED)).toBe('✓ Port        443, free');
  });

  it('says why it is not, what to do, and with which words', () => {
    const fault = { code: 'tailscale/needs-password', params: { mode: 'token' } } as const;
    expect(checkText({ id: 'secret', found: 'a token', fault }, { ...CLOSED, mode: 'funnel' })).toBe(
      [
        '✗ Password    a token',
        '    This gateway asks for a token. Funnel needs a password of 16 characters or more.',
        '    Set a password. With: gangway tailscale funnel --password-file FILE',
      ].join('\n'),
    );
    expect(planLine({ wish: CLOSED, checks: [{ id: 'secret', found: '', fault }], changes: [] })).toMatchObject({
      checks: [{ ok: false, fault: { code: 'tailscale/needs-password', next: 'Set a password.' } }],
    });
  });
});

it('shows what goes, what comes, and what is kept', () => {
  expect(changeText({ what: 'route', before: 'Serve 443', after: 'Funnel 443' })).toBe(
    '  Route       - Serve 443\n              + Funnel 443',
  );
  expect(changeText({ what: 'kept', before: undefined, after: '2 other routes' })).toBe('  Kept        2 other routes');
});

describe('how things are', () => {
  it('names the address, who can reach it, until when, and who has', () => {
    const endMs = new Date(new Date().toDateString()).getTime() + 23 * 3_600_000 + 59 * 60_000;
    const visitor = {
      address: '203.0.113.40',
      login: undefined,
      device: undefined,
      signedIn: 'no',
      requests: 1,
      refused: 3,
      isLockedOut: true,
      lastSeenMs: 0,
    } as const;
    const known = { ...visitor, address: '100.64.0.2', login: 'ann@example.com', device: 'phone', requests: 14 };
    const wish = { mode: 'funnel', port: 443, untilMs: endMs } as const;
    const visitors = [visitor, { ...known, signedIn: 'identity', refused: 0, isLockedOut: false } as const];
    expect(exposureText(reach, exposure(funnel, { wish, visitors })).split('\n')).toEqual([
      TAILNET_URL,
      'Your tailnet can reach this gateway now, with a token. It closes at 23:59.',
      'By Serve.',
      '    203.0.113.40: not signed in, 1 request, 3 refused, locked out',
      '    ann@example.com (phone) 100.64.0.2: signed in by Tailscale identity, 14 requests',
      '',
    ]);
  });

  it('says that a Funnel stays open, and how it is closed', () => {
    const wish = { mode: 'funnel', port: 443, untilMs: undefined } as const;
    expect(exposureText(reach, exposure(funnel, { wish }))).toContain('gangway tailscale off');
  });

  it('says why a Funnel was closed by itself', () => {
    const text = exposureText(reach, exposure({ status: 'off' }, { ended: 'clock-unsure' }));
    expect(text).toContain('Funnel was closed. The clock of this computer cannot tell how long it was open');
  });

  it('says what keeps it from being open', () => {
    const cause = { code: 'tailscale/stopped', params: {} } as const;
    const text = exposureText(reach, exposure({ status: 'failed', mode: 'serve', sinceMs: 0, cause }));
    expect(text).toContain('It is signed in, but disconnected from the tailnet.');
  });
});

it.each([
  ['15m', 900_000],
  ['2h', 7_200_000],
  ['24h', 86_400_000],
  ['stays', undefined],
])('%s is so many milliseconds', (text, ms) => expect(parseOpenFor(text)).toBe(ms));

it.each(['14m', '25h', '30', '1d', '', '-30m', '1.5h'])('%s is no time a Funnel can be open', (text) => {
  expect(() => parseOpenFor(text)).toThrow('15m to 24h');
});
