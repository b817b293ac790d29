import { expect, it } from 'vitest';

import { SILENT, toConnectFailure, type Ending } from './connect-failure.ts';

const ending: Ending = {
  url: 'ws://127.0.0.1:18789',
  gateway: 'studio',
  nowMs: 1_000,
  online: true,
  opened: true,
  closeCode: 1_006,
  refusal: undefined,
};

const refused = (code: string, detail?: string, retryAfterMs?: number): Partial<Ending> => ({
  refusal: { code, details: detail === undefined ? undefined : { code: detail }, retryAfterMs },
});

it.each<[string, Partial<Ending>, object]>([
  ['a socket that did not open', { opened: false }, { code: 'gateway/unreachable', params: { reason: 'reset' } }],
  ['no network', { opened: false, online: false }, { code: 'gateway/unreachable', params: { reason: 'no-route' } }],
  ['a restart', { closeCode: 1_012 }, { code: 'gateway/closed', params: { closeCode: 1_012 } }],
  ['a start in progress', { closeCode: 1_013 }, { code: 'gateway/starting' }],
  ['silence', { closeCode: SILENT }, { code: 'gateway/silent' }],
  ['a wrong token', refused('INVALID_REQUEST', 'AUTH_TOKEN_MISMATCH'), { code: 'gateway/token-mismatch' }],
  ['a wrong password', refused('INVALID_REQUEST', 'AUTH_PASSWORD_MISMATCH'), { code: 'gateway/token-mismatch' }],
  [
    'a lockout',
    refused('X', 'AUTH_RATE_LIMITED', 5_000),
    { code: 'gateway/rate-limited', params: { retryAtMs: 6_000 } },
  ],
  ['a lockout without end', refused('X', 'AUTH_RATE_LIMITED'), { params: { retryAtMs: 301_000 } }],
  ['a start that says so', refused('UNAVAILABLE'), { code: 'gateway/starting' }],
  ['anything else', refused('ODD'), { code: 'gateway/refused', params: { detail: 'ODD' } }],
])('names %s', (_name, part, expected) => expect(toConnectFailure({ ...ending, ...part })).toMatchObject(expected));
