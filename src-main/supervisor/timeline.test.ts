import { expect, it } from 'vitest';

import { gatewayView } from './line-view.ts';
import { localFacts, sshFacts, tokenRefused, unreachable } from './testing/facts.ts';
import { eventBetween, settledState, type SettledState } from './timeline.ts';

const up: SettledState = { status: 'connected', sinceMs: 1, checkedAtMs: 1, roundTripMs: 1 };
const down: SettledState = { status: 'waiting', sinceMs: 1, attempt: 1, retryAtMs: 2, cause: unreachable };
const refused: SettledState = { status: 'failed', sinceMs: 1, cause: tokenRefused };
const question = {
  id: 'q',
  kind: 'password',
  askedAtMs: 1,
  host: 'studio',
  user: 'ann',
  attempt: 1,
  wrong: false,
} as const;
const asks: SettledState = { status: 'asks', sinceMs: 1, question };
const off: SettledState = { status: 'off' };

it.each<[SettledState, SettledState, string | undefined, string?]>([
  [off, up, 'Studio: connected over SSH', 'The host key matches known_hosts'],
  [up, up, undefined],
  [up, down, 'Studio: line lost', 'studio does not answer'],
  [down, { ...down, attempt: 7 }, undefined],
  [down, up, 'Studio: back', 'After: studio does not answer'],
  [down, refused, 'Studio refused the token'],
  [up, off, 'Studio switched off'],
  [off, off, undefined],
  [off, asks, 'Studio asks for the password of ann@studio'],
  [asks, { ...asks, question: { ...question, wrong: true, attempt: 2 } }, undefined],
  [up, asks, 'Studio: line lost', 'Studio asks for the password of ann@studio'],
  [asks, up, 'Studio: connected over SSH', 'The host key matches known_hosts'],
])('remembers %j → %j as %j', (before, after, text, why) => {
  const event = eventBetween(before, after, gatewayView(sshFacts));
  expect([event?.text, event?.why]).toEqual([text, why]);
});

it('says where the local gateway listens', () => {
  expect(eventBetween(off, up, gatewayView(localFacts))?.why).toBe('It listens on 127.0.0.1:18789');
});

it('takes an attempt for no news', () => {
  expect(settledState({ status: 'connecting', sinceMs: 1, attempt: 1 })).toBeUndefined();
});
