import { describe, expect, it } from 'vitest';

import type { ExposureState, GatewayAccess } from '../contract/exposure.ts';
import { gatewayView } from './line-view.ts';
import { localFacts } from './testing/facts.ts';
import { CLOSED, LOOPBACK, TAILNET_URL } from './testing/fake-exposed-gateway.ts';

type Auth = GatewayAccess['auth'];

const active = (mode: 'serve' | 'funnel'): ExposureState => ({
  status: 'active',
  mode,
  sinceMs: 0,
  url: TAILNET_URL,
  checkedAtMs: 0,
  answeredAtMs: 0,
});
const lost: ExposureState = {
  status: 'waiting',
  mode: 'serve',
  sinceMs: 0,
  attempt: 1,
  retryAtMs: 1,
  cause: { code: 'tailscale/stopped', params: {} },
};

function shown(state: ExposureState, access: Partial<GatewayAccess> = {}) {
  const exposure = { wish: CLOSED, state, before: 'off', visitors: [], undo: undefined } as const;
  return gatewayView({ ...localFacts, exposure: { ...exposure, access: { ...LOOPBACK, ...access } } });
}

describe('the sentence', () => {
  it.each<[ExposureState, Partial<GatewayAccess>, string]>([
    [{ status: 'off' }, {}, 'Only this computer can reach this gateway.'],
    [lost, {}, 'Only this computer can reach this gateway.'],
    [{ status: 'opening', mode: 'funnel', sinceMs: 0 }, {}, 'Only this computer can reach this gateway.'],
    [active('serve'), {}, 'Your tailnet can reach this gateway now, with a token or by Tailscale identity.'],
    [active('serve'), { allowIdentity: false }, 'Your tailnet can reach this gateway now, with a token.'],
    [active('serve'), { auth: 'none' }, 'Your tailnet can reach this gateway now, without any secret.'],
    [active('funnel'), { auth: 'password' }, 'Anyone on the internet can reach this gateway now, with the password.'],
    [
      { status: 'closing', mode: 'funnel', sinceMs: 0 },
      { auth: 'password' },
      'Anyone on the internet can reach this gateway now, with the password.',
    ],
    [{ status: 'off' }, { bind: 'lan' }, 'Anyone on your network can reach this gateway now, with a token.'],
    [{ status: 'off' }, { bind: 'tailnet' }, 'Your tailnet can reach this gateway now, with a token.'],
    [{ status: 'off' }, { bind: 'custom', url: 'http://127.0.0.2:1' }, 'Only this computer can reach this gateway.'],
    [
      { status: 'off' },
      { bind: 'custom', url: 'http://10.0.0.4:1' },
      'Anyone on your network can reach this gateway now, with a token.',
    ],
  ])('of %j with %j: %s', (state, access, headline) => {
    const { reach } = shown(state, access);
    expect(reach.headline).toBe(headline);
    expect(headline.startsWith(reach.open?.who ?? 'Only this computer')).toBe(true);
  });

  it.each<[Auth, string]>([
    ['none', 'It listens on loopback and asks for nothing. Serve is not open: Tailscale is switched off.'],
    ['password', 'It listens on loopback and asks for a password. Serve is not open: Tailscale is switched off.'],
  ])('says what became of a wish: %s', (auth, detail) => expect(shown(lost, { auth }).reach.detail).toBe(detail));
});

it.each([
  ['ws://192.168.1.5:18789', true],
  ['ws://127.0.0.1:18789', undefined],
  ['wss://studio.example', undefined],
])('a gateway elsewhere at %s is reached unencrypted: %s', (target, unencrypted) => {
  const identity = { ...localFacts.identity, kind: 'direct', name: 'Studio', target } as const;
  expect(gatewayView({ ...localFacts, exposure: undefined, identity }).reach.unencrypted).toBe(unencrypted);
});

it('says that nobody can reach a gateway that waits for its address', () => {
  const { reach } = shown({ status: 'off' }, { bind: 'tailnet', url: undefined });
  expect(reach.headline).toBe('Nobody can reach this gateway now.');
  expect(reach.open).toBeUndefined();
});

it.each<[ExposureState, Partial<GatewayAccess>, string]>([
  [{ status: 'off' }, {}, 'off Off: nobody else'],
  [{ status: 'off' }, { bind: 'tailnet', url: undefined }, 'off Off: nobody else'],
  [{ status: 'opening', mode: 'serve', sinceMs: 0 }, {}, 'connecting Opening: your tailnet'],
  [active('serve'), {}, 'exposed Tailnet: laptop.tail1f3a.ts.net'],
  [active('funnel'), {}, 'public Public: laptop.tail1f3a.ts.net'],
  [lost, {}, 'waiting Not open: Tailscale is switched off'],
  [{ status: 'off' }, { bind: 'lan' }, 'exposed LAN: in plain HTTP'],
  [
    { status: 'off' },
    { bind: 'tailnet', url: 'https://100.64.0.1:1' },
    'exposed Tailnet: with a certificate of its own',
  ],
])('the last station of %j with %j is %s', (state, access, expected) => {
  const { state: status, word, detail } = shown(state, access).hops.at(-1)!;
  expect(`${status} ${word}: ${detail}`).toBe(expected);
});

it.each([
  ['ws://192.168.1.5:18789', 'at its own address, unencrypted, in a private network that you trust.'],
  ['ws://127.0.0.1:18789', 'at its own address.'],
  ['wss://studio.example', 'at its own address.'],
])('does not hide that %s is plain to its network', (target, detail) => {
  const { reach } = gatewayView({ ...localFacts, identity: { ...localFacts.identity, kind: 'direct', target } });
  expect(reach.detail).toContain(detail);
});
