import { describe, expect, it } from 'vitest';

import { readDashboard, readOurs, readPending } from './pickup-answers.ts';

/** As OpenClaw 2026.9.6 prints it, with another token. */
const DASHBOARD =
  '{"ok":true,"url":"http://127.0.0.1:39871/#token=abcDEF123","httpUrl":"http://127.0.0.1:39871/","wsUrl":"ws://127.0.0.1:39871","port":39871,"tokenIncluded":true,"browserUrl":"http://127.0.0.1:39871/#bootstrapToken=BURb&bootstrapProfile=owner","browserBootstrapExpiresAtMs":1795418513780}\n';

describe('what openclaw dashboard says', () => {
  it.each<[string, string, unknown]>([
    ['a token', DASHBOARD, { port: 39_871, token: 'abcDEF123' }],
    [
      'a token behind the greeting of a shell',
      `Welcome {you}\n{ not this }\n${DASHBOARD}`,
      { port: 39_871, token: 'abcDEF123' },
    ],
    [
      'no token',
      DASHBOARD.replace('"tokenIncluded":true', '"tokenIncluded":false'),
      { port: 39_871, token: undefined },
    ],
    ['a failure', '{"ok":false,"reason":"Gateway is not running."}', undefined],
    ['a token of two lines', DASHBOARD.replace('abcDEF123', 'abc%0adef'), undefined],
    ['an empty token', DASHBOARD.replace('abcDEF123', ''), undefined],
    ['another port than a port', DASHBOARD.replace('"port":39871', '"port":0'), undefined],
    ['words after the answer', `${DASHBOARD}bye\n`, { port: 39_871, token: 'abcDEF123' }],
    [
      'the title of a terminal on the same line',
      `\u001B]0;ann@studio\u0007\u001B[?2004l${DASHBOARD}\u001B[0m`,
      { port: 39_871, token: 'abcDEF123' },
    ],
    ['nothing', '', undefined],
    ['text alone', 'Dashboard URL: http://127.0.0.1:18789/#token=abc', undefined],
  ])('is read with %s', (_what, stdout, answer) => expect(readDashboard(stdout)).toEqual(answer));
});

it.each<[string, unknown]>([
  ['{"port":18789,"mode":"token","token":"abc"}\n', { port: 18_789, token: 'abc' }],
  ['{"port":18789,"mode":"password"}\n', { port: 18_789, token: undefined }],
  ['{"port":18789,"mode":"none","token":"abc"}\n', { port: 18_789, token: undefined }],
  ['{"port":"18789","mode":"token"}\n', undefined],
  ['abc\n', undefined],
])('of our own %j it understands %j', (stdout, answer) => expect(readOurs(stdout)).toEqual(answer));

it('reads who waits for approval, and nothing else', () => {
  const pending = [{ requestId: 'r-1', deviceId: 'd-1', publicKey: 'k', platform: 'linux', ts: 1 }];
  const found = [{ requestId: 'r-1', deviceId: 'd-1' }];
  expect(readPending(JSON.stringify({ pending, paired: [] }, undefined, 2))).toEqual({
    port: undefined,
    pending: found,
  });
  expect(readPending(JSON.stringify({ port: 18_789, pending, paired: [] }))).toEqual({ port: 18_789, pending: found });
  expect(readPending('{"pending":[{"requestId":1}]}')).toBeUndefined();
});
