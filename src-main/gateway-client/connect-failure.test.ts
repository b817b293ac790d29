import { expect, it } from 'vitest';

import { toConnectFailure, type Ending } from './connect-failure.ts';

const ending: Ending = {
  url: 'ws://127.0.0.1:18789',
  gateway: 'Studio',
  nowMs: 1_000,
  socketCode: undefined,
  certificate: undefined,
  httpStatus: undefined,
  closeCode: 1006,
  helloReceived: false,
  refusal: undefined,
};

const refused = (code: string, details?: unknown, retryAfterMs?: number): Partial<Ending> => ({
  closeCode: 1008,
  refusal: { code, details, retryAfterMs },
});

it.each<[string, Partial<Ending>, object]>([
  ['nothing listens', { socketCode: 'ECONNREFUSED' }, { code: 'gateway/unreachable', params: { reason: 'refused' } }],
  ['no route', { socketCode: 'EHOSTUNREACH' }, { code: 'gateway/unreachable', params: { reason: 'no-route' } }],
  ['a web server', { httpStatus: 404 }, { code: 'gateway/not-a-gateway' }],
  ['too many sockets', { httpStatus: 503 }, { code: 'gateway/starting' }],
  ['a start in progress', { closeCode: 1013 }, { code: 'gateway/starting' }],
  ['silence', { closeCode: 4_000 }, { code: 'gateway/silent' }],
  ['a restart', { closeCode: 1012, helloReceived: true }, { code: 'gateway/closed', params: { closeCode: 1012 } }],
  ['a reset in use', { socketCode: 'ECONNRESET', helloReceived: true }, { code: 'gateway/closed' }],
  ['a wrong token', refused('INVALID_REQUEST', { code: 'AUTH_TOKEN_MISMATCH' }), { code: 'gateway/token-mismatch' }],
  ['no token', refused('NOT_PAIRED', { code: 'DEVICE_IDENTITY_REQUIRED' }), { code: 'gateway/token-missing' }],
  [
    'a lockout',
    refused('INVALID_REQUEST', { code: 'AUTH_RATE_LIMITED' }, 5_000),
    { code: 'gateway/rate-limited', params: { retryAtMs: 6_000 } },
  ],
  [
    'pairing',
    refused('NOT_PAIRED', { code: 'PAIRING_REQUIRED', requestId: 'r-1' }),
    { code: 'gateway/pairing-required', params: { requestId: 'r-1' } },
  ],
  [
    'another protocol',
    refused('INVALID_REQUEST', { code: 'PROTOCOL_MISMATCH', expectedProtocol: 3 }),
    { code: 'gateway/protocol-mismatch', params: { theirs: 3 } },
  ],
  ['a start that says so', refused('UNAVAILABLE'), { code: 'gateway/starting' }],
  ['anything else', refused('ODD'), { code: 'gateway/refused', params: { detail: 'ODD' } }],
])('names %s', (_name, part, expected) => {
  expect(toConnectFailure({ ...ending, ...part })).toMatchObject(expected);
});
