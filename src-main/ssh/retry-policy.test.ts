import { describe, expect, it } from 'vitest';

import type { ErrorInfo, UnreachableReason } from '../contract/errors.ts';
import { connectTimeoutMs, createRetryPolicy, paceOf } from './retry-policy.ts';

const shortest = createRetryPolicy(() => 0);
const longest = createRetryPolicy(() => 0.999_999);
const unreachable = (reason: UnreachableReason): ErrorInfo => ({
  code: 'ssh/host-unreachable',
  params: { host: 'studio', port: 22, reason },
});
const lost: ErrorInfo = { code: 'ssh/connection-lost', params: { host: 'studio' } };
const minutes = (count: number) => count * 60_000;

describe('in the first minute', () => {
  it.each<[string, ErrorInfo, number, number, number]>([
    ['a refused connection', unreachable('refused'), 1, 150, 200],
    ['the tenth refused connection', unreachable('refused'), 10, 225, 300],
    ['silence', unreachable('timeout'), 5, 38, 50],
    ['no route', unreachable('no-route'), 5, 263, 350],
    ['an unknown name', { code: 'ssh/host-unknown', params: { host: 'studio' } }, 5, 750, 1_000],
    ['the first hang-up', unreachable('reset'), 1, 150, 200],
    ['the ninth hang-up', unreachable('reset'), 9, 3_750, 5_000],
    ['a remote port that is closed', { code: 'ssh/forward-refused', params: { host: 'a', address: 'b' } }, 9, 375, 500],
  ])('%s is retried soon', (_what, cause, attempt, least, most) => {
    expect(shortest(cause, { attempt, forMs: 30_000 })).toBe(least);
    expect(longest(cause, { attempt, forMs: 30_000 })).toBe(most);
  });
});

it('dials at once after a line that had held, and takes its time with one that keeps breaking', () => {
  expect(longest(lost, { attempt: 0, forMs: 0 })).toBe(0);
  expect(longest(lost, { attempt: 0, forMs: 2_000 })).toBe(100);
  expect(shortest(lost, { attempt: 0, forMs: minutes(10) })).toBe(30_000);
});

it.each(['refused', 'timeout', 'no-route', 'reset', 'not-ssh'] as const)(
  'eases from 5 s to 30 s later on: %s',
  (reason) => {
    const delays = [1, 2, 3, 5, 60, 10_000].map((count) =>
      shortest(unreachable(reason), { attempt: 99, forMs: minutes(count) }),
    );
    expect(delays).toEqual([5_000, 10_000, 20_000, 30_000, 30_000, 30_000]);
    expect(longest(unreachable(reason), { attempt: 99, forMs: minutes(10_000) })).toBeLessThanOrEqual(30_000);
  },
);

it('leaves a server alone for 20 s and more once it asked for that', () => {
  expect(shortest(unreachable('throttled'), { attempt: 1, forMs: 10 })).toBe(20_000);
});

it.each<ErrorInfo>([
  { code: 'ssh/auth-rejected', params: { host: 'a', user: 'b', tried: [] } },
  { code: 'ssh/host-key-unknown', params: { host: 'a', keyType: 'b', fingerprint: 'c' } },
  { code: 'ssh/forward-prohibited', params: { host: 'a', address: 'b' } },
  { code: 'app/unexpected', params: { summary: 'TypeError' } },
])('never retries $code', (cause) => {
  expect(shortest(cause, { attempt: 1, forMs: 0 })).toBeUndefined();
});

it('lets an attempt cost one SYN late in an outage, and yet gives a distant server its chance now and then', () => {
  expect(connectTimeoutMs({ attempt: 7, forMs: 30_000 })).toBe(4_960);
  const late = Array.from({ length: 20 }, (_, index) => connectTimeoutMs({ attempt: index + 1, forMs: minutes(2) }));
  // The kernel repeats a SYN after a second.
  expect(late.filter((timeoutMs) => timeoutMs < 1_000)).toHaveLength(18);
  expect(Math.max(...late)).toBeGreaterThan(2_000);
});

it('sends fresh SYNs in the first minute only, and lets one of four attempts wait for a very distant server', () => {
  const early = Array.from({ length: 8 }, (_, index) => paceOf({ attempt: index + 1, forMs: 30_000 }));
  const isPatient = early.map((pace) => pace !== 'kernel' && pace.isPatient);
  expect(isPatient).toEqual([true, false, false, false, true, false, false, false]);
  expect(paceOf({ attempt: 1, forMs: minutes(1) })).toBe('kernel');
});

it('spends three SYNs a second over the first minute at most, and more of them while it is young', () => {
  let [syns, forMs] = [0, 0];
  const perSecond: number[] = [];
  for (let attempt = 1; forMs < minutes(1); attempt += 1) {
    const pace = paceOf({ attempt, forMs });
    const livesMs = connectTimeoutMs({ attempt, forMs });
    const sent = Math.ceil(livesMs / (pace === 'kernel' ? Number.NaN : pace.everyMs));
    perSecond.push(Math.round((sent * 1_000) / livesMs));
    syns += sent;
    forMs += livesMs + (shortest(unreachable('timeout'), { attempt, forMs }) ?? Number.NaN);
  }
  expect(syns).toBeLessThanOrEqual(180);
  expect(perSecond).toEqual([4, 4, 4, 4, 4, 2, 2, 2, 2, 2, 2, 2, 2]);
});
