import { describe, expect, it } from 'vitest';

import type { GatewayId, GatewayView, LineState } from '../../../src-main/contract/snapshot.ts';
import { announcement, kindWord, leadOf, shortGateway, shortState } from './line-words.ts';

const now = new Date(2026, 10, 23, 14, 32, 20).getTime();
const since = new Date(2026, 10, 23, 14, 3).getTime();
const cause = { code: 'gateway/token-mismatch', params: { gateway: 'Studio' } } as const;

const STATES = {
  off: { status: 'off' },
  connecting: { status: 'connecting', sinceMs: now - 2_000, attempt: 1 },
  again: { status: 'connecting', sinceMs: now - 2_000, attempt: 3 },
  connected: { status: 'connected', sinceMs: since, checkedAtMs: now - 4_000, roundTripMs: 23.2 },
  attached: { status: 'attached', sinceMs: since, checkedAtMs: now, roundTripMs: 0.4 },
  waiting: { status: 'waiting', sinceMs: now - 42_000, attempt: 5, retryAtMs: now + 12_000, cause },
  awaited: {
    status: 'waiting',
    sinceMs: now - 42_000,
    attempt: 1,
    retryAtMs: now - 42_000,
    cause: { code: 'gateway/no-tailnet-address', params: {} },
  },
  asks: {
    status: 'asks',
    sinceMs: since,
    question: { id: 'q', kind: 'password', askedAtMs: since, host: 'studio', user: 'ada', attempt: 1, wrong: false },
  },
  failed: { status: 'failed', sinceMs: since, cause },
} satisfies Record<string, LineState>;

const gateway = (part: Partial<GatewayView>): GatewayView => ({
  id: 'g' as GatewayId,
  name: 'Studio',
  kind: 'ssh',
  flag: { pattern: 1, hue: 1 },
  target: 'studio',
  wanted: 'up',
  state: STATES.connected,
  url: undefined,
  hops: [],
  facts: undefined,
  samples: [],
  reach: { headline: '', detail: '' },
  ...part,
});

const plain = (text: string): string => text.replaceAll('\u00a0', ' ');

it.each<[keyof typeof STATES, string]>([
  ['off', 'Off'],
  ['connecting', 'Connecting · 2 s'],
  ['connected', 'Connected · 23 ms'],
  ['attached', 'Attached · 0.4 ms'],
  ['waiting', 'Waiting · 12 s'],
  ['awaited', 'Waiting'],
  ['asks', 'Asks · needs you'],
  ['failed', 'Failed · needs you'],
])('%s is short enough for the sidebar', (state, said) => expect(plain(shortState(STATES[state], now))).toBe(said));

describe('the sentence below the title', () => {
  const lead = (part: Partial<GatewayView>): string => {
    const { before, name, after } = leadOf(gateway(part), now);
    return plain(`${before}${name}${after}`);
  };

  it.each<[keyof typeof STATES, string]>([
    ['off', 'Programs on this computer are not led to any gateway.'],
    ['connecting', 'over SSH to studio for 2 s'],
    ['again', 'over SSH to studio for 2 s, attempt 3'],
    ['connected', 'over SSH to studio since 14:03, checked 4 s ago'],
    ['waiting', 'for 42 s, 5 attempts'],
    ['awaited', 'for 42 s'],
    ['asks', 'for the password of ada@studio, since 14:03'],
    ['failed', 'Studio refused the token, since 14:03'],
  ])('says when it is %s', (state, said) => expect(lead({ state: STATES[state] })).toBe(said));

  it('says how each kind is reached', () => {
    const state = STATES.connected;
    expect(lead({ state, kind: 'direct', target: 'wss://home:443' })).toBe('at home:443 since 14:03, checked 4 s ago');
    expect(lead({ state, kind: 'local', target: undefined })).toBe('on this computer since 14:03, checked 4 s ago');
    expect(lead({ state: STATES.attached, kind: 'local', target: undefined })).toBe(
      'to the gateway already on this computer since 14:03, checked just now',
    );
  });
});

it('tells a gateway that is ours from one that is not', () => {
  expect(kindWord({ kind: 'local', state: STATES.connected })).toBe('Runs here');
  expect(kindWord({ kind: 'local', state: STATES.attached })).toBe('Runs here, not ours');
});

it('announces a state without a figure that moves', () => {
  expect(announcement(undefined)).toBe('Off');
  expect(announcement(gateway({ state: STATES.connected }))).toBe('Studio: connected.');
  expect(announcement(gateway({ state: STATES.waiting }))).toBe('Studio is waiting. Studio refused the token.');
  const later = { ...STATES.waiting, attempt: 9, retryAtMs: now + 99_000 };
  expect(announcement(gateway({ state: later }))).toBe(announcement(gateway({ state: STATES.waiting })));
});

describe('a gateway that others reach', () => {
  const up = { status: 'connected', sinceMs: 0, checkedAtMs: 0, roundTripMs: 1 } as const;
  const wish = { mode: 'funnel', port: 443, untilMs: 27 * 60_000 + 14_000 } as const;
  const exposure = { wish } as NonNullable<GatewayView['exposure']>;
  const open = (to: 'lan' | 'tailnet' | 'internet') => ({ headline: '', detail: '', open: { to, who: '' } });

  it.each<[string, Partial<GatewayView>]>([
    ['connected Connected · 1 ms', {}],
    ['exposed Tailnet · 1 ms', { reach: open('tailnet') }],
    ['exposed LAN · 1 ms', { reach: open('lan') }],
    ['public Public · 27 min', { reach: open('internet'), exposure }],
    ['public Public', { reach: open('internet'), exposure: { ...exposure, wish: { ...wish, untilMs: undefined } } }],
    [
      'public Public · 40 s',
      { reach: open('internet'), exposure: { ...exposure, wish: { ...wish, untilMs: 40_000 } } },
    ],
    ['public Public · 27 min', { reach: open('internet'), exposure, state: STATES.waiting }],
    ['failed Failed · needs you', { reach: open('internet'), exposure, state: STATES.failed }],
  ])('shows that in the place of its state: %s', (expected, change) => {
    const { status, text } = shortGateway(gateway({ state: up, ...change }), 0);
    expect(plain(`${status} ${text}`)).toBe(expected);
  });
});
