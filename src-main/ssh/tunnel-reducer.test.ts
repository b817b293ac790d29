import { describe, expect, it } from 'vitest';

import type { ErrorInfo } from '../contract/errors.ts';
import type { TunnelState } from '../contract/tunnel.ts';
import { createRetryPolicy } from './retry-policy.ts';
import { reduceTunnel, type TunnelEvent } from './tunnel-reducer.ts';

const policy = createRetryPolicy(() => 0);
const passing: ErrorInfo = { code: 'ssh/connection-lost', params: { host: 'studio' } };
const lasting: ErrorInfo = { code: 'ssh/auth-rejected', params: { host: 'studio', user: 'ann', tried: [] } };

const states: Readonly<Record<string, TunnelState>> = {
  stopped: { status: 'stopped' },
  connecting: { status: 'connecting', attempt: 3, sinceMs: 100 },
  connected: { status: 'connected', localPort: 18_789, sinceMs: 200 },
  waiting: { status: 'waiting', attempt: 3, sinceMs: 100, retryAtMs: 900, cause: passing },
  failed: { status: 'failed', sinceMs: 300, cause: lasting },
  'stopping for good': { status: 'stopping', then: 'stay-stopped' },
  'stopping to start': { status: 'stopping', then: 'start-again' },
};

const events: Readonly<Record<string, TunnelEvent>> = {
  start: { type: 'start-requested', atMs: 1_000 },
  stop: { type: 'stop-requested' },
  'retry now': { type: 'retry-requested', atMs: 1_000 },
  'retry due': { type: 'retry-due' },
  opened: { type: 'opened', localPort: 18_789, atMs: 1_000 },
  'lost, passing': { type: 'lost', cause: passing, atMs: 1_000, tryingMs: 0 },
  'lost, lasting': { type: 'lost', cause: lasting, atMs: 1_000, tryingMs: 0 },
  closed: { type: 'closed', atMs: 1_000 },
};

function show(state: TunnelState): string {
  if (state.status === 'stopping') return `stopping, ${state.then}`;
  const attempt = 'attempt' in state ? ` #${state.attempt}` : '';
  return `${state.status}${attempt}${'sinceMs' in state ? ` since ${state.sinceMs}` : ''}`;
}

// Every pair that changes something. All others must return the very same state and do nothing.
const table: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  stopped: { start: 'connecting #1 since 1000 [open]' },
  connecting: {
    stop: 'stopping, stay-stopped [close]',
    'retry now': 'connecting #1 since 100 [open]',
    opened: 'connected since 1000 []',
    'lost, passing': 'waiting #3 since 100 [arm-retry]',
    'lost, lasting': 'failed since 1000 []',
  },
  connected: {
    stop: 'stopping, stay-stopped [close]',
    'retry now': 'connected since 200 [check]',
    'lost, passing': 'waiting #0 since 1000 [arm-retry]',
    'lost, lasting': 'failed since 1000 []',
  },
  waiting: {
    start: 'connecting #1 since 100 [disarm-retry, open]',
    stop: 'stopping, stay-stopped [disarm-retry, close]',
    'retry now': 'connecting #1 since 100 [disarm-retry, open]',
    'retry due': 'connecting #4 since 100 [open]',
  },
  failed: {
    start: 'connecting #1 since 1000 [open]',
    stop: 'stopping, stay-stopped [close]',
    'retry now': 'connecting #1 since 1000 [open]',
  },
  'stopping for good': { start: 'stopping, start-again []', closed: 'stopped []' },
  'stopping to start': { stop: 'stopping, stay-stopped []', closed: 'connecting #1 since 1000 [open]' },
};

describe.each(Object.entries(states))('a tunnel that is %s', (stateName, state) => {
  it.each(Object.entries(events))('on “%s”', (eventName, event) => {
    const next = reduceTunnel(state, event, policy);
    const effects = next.effects.map((effect) => effect.type).join(', ');
    const outcome = next.state === state && effects === '' ? 'ignored' : `${show(next.state)} [${effects}]`;
    expect(outcome).toBe(table[stateName]?.[eventName] ?? 'ignored');
  });
});

it('tells when it will try again', () => {
  const { state, effects } = reduceTunnel(
    { status: 'connecting', attempt: 2, sinceMs: 100 },
    { type: 'lost', cause: passing, atMs: 1_000, tryingMs: 900 },
    policy,
  );
  expect(state).toMatchObject({ retryAtMs: 1_300, cause: passing });
  expect(effects).toEqual([{ type: 'arm-retry', delayMs: 300 }]);
});

it('never has two retries armed, and none unless it waits, whatever happens in whatever order', () => {
  const all = Object.values(events);
  const walk = (state: TunnelState, armed: number, depth: number): void => {
    expect(armed).toBe(state.status === 'waiting' ? 1 : 0);
    if (depth === 0) return;
    for (const event of all) {
      // The driver sends it only when the timer fires, which disarms it.
      if (event.type === 'retry-due' && armed === 0) continue;
      const next = reduceTunnel(state, event, policy);
      const fired = event.type === 'retry-due' ? -1 : 0;
      const change = next.effects.map((effect) => ({ 'arm-retry': 1, 'disarm-retry': -1 })[effect.type as string] ?? 0);
      walk(next.state, armed + fired + change.reduce((sum, one) => sum + one, 0), depth - 1);
    }
  };
  walk({ status: 'stopped' }, 0, 5);
});
