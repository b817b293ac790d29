import { describe, expect, it } from 'vitest';

import type { ErrorInfo } from '../contract/errors.ts';
import { createRetryPolicy } from './retry-policy.ts';
import { reduceTunnel, shownState, type MachineState, type TunnelEvent } from './tunnel-reducer.ts';

const policy = createRetryPolicy(() => 0);
const passing: ErrorInfo = { code: 'ssh/connection-lost', params: { host: 'studio' } };
const lasting: ErrorInfo = { code: 'ssh/auth-rejected', params: { host: 'studio', user: 'ann', tried: [] } };

const line = { status: 'connected', localPort: 18_789, sinceMs: 200 } as const;
const headStart = { status: 'waiting', attempt: 0, sinceMs: 800, retryAtMs: 950, cause: passing } as const;

const states: Readonly<Record<string, MachineState>> = {
  stopped: { status: 'stopped' },
  connecting: { status: 'connecting', attempt: 3, sinceMs: 100 },
  connected: line,
  'doubted at first': { status: 'doubted', line, trying: headStart },
  'doubted while another is dialled': {
    status: 'doubted',
    line,
    trying: { status: 'connecting', attempt: 2, sinceMs: 800 },
  },
  'doubted between two attempts': {
    status: 'doubted',
    line,
    trying: { status: 'waiting', attempt: 2, sinceMs: 800, retryAtMs: 1_100, cause: passing },
  },
  'doubted with nothing left to try': {
    status: 'doubted',
    line,
    trying: { status: 'failed', sinceMs: 900, cause: lasting },
  },
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
  'failed, passing': { type: 'attempt-failed', cause: passing, atMs: 1_000, tryingMs: 0 },
  'failed, lasting': { type: 'attempt-failed', cause: lasting, atMs: 1_000, tryingMs: 0 },
  doubted: { type: 'doubted', cause: passing, atMs: 1_000, headStartMs: 150 },
  answered: { type: 'answered', localPort: 18_789, atMs: 1_000 },
  lost: { type: 'line-lost', cause: passing, atMs: 1_000, tryingMs: 0 },
  closed: { type: 'closed', atMs: 1_000 },
};

function show(state: MachineState): string {
  if (state.status === 'doubted') return `doubted, ${show(state.trying)}`;
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
    'failed, passing': 'waiting #3 since 100 [arm-retry]',
    'failed, lasting': 'failed since 1000 []',
    answered: 'connected since 1000 [abandon]',
  },
  connected: {
    stop: 'stopping, stay-stopped [close]',
    doubted: 'doubted, waiting #0 since 1000 [ask, arm-retry]',
    lost: 'waiting #0 since 1000 [arm-retry]',
  },
  'doubted at first': {
    stop: 'stopping, stay-stopped [disarm-retry, close]',
    'retry now': 'doubted, waiting #0 since 800 [ask, disarm-retry, arm-retry]',
    'retry due': 'doubted, connecting #1 since 800 [open]',
    answered: 'connected since 200 [disarm-retry]',
    lost: 'connecting #1 since 800 [disarm-retry, open]',
  },
  'doubted while another is dialled': {
    stop: 'stopping, stay-stopped [close]',
    'retry now': 'doubted, connecting #1 since 800 [ask, open]',
    'failed, passing': 'doubted, waiting #2 since 800 [arm-retry]',
    'failed, lasting': 'doubted, failed since 1000 []',
    answered: 'connected since 200 [abandon]',
    lost: 'connecting #2 since 800 []',
  },
  'doubted between two attempts': {
    stop: 'stopping, stay-stopped [disarm-retry, close]',
    'retry now': 'doubted, connecting #1 since 800 [ask, disarm-retry, open]',
    'retry due': 'doubted, connecting #3 since 800 [open]',
    answered: 'connected since 200 [disarm-retry]',
    lost: 'waiting #2 since 800 []',
  },
  'doubted with nothing left to try': {
    stop: 'stopping, stay-stopped [close]',
    'retry now': 'doubted, connecting #1 since 1000 [ask, open]',
    answered: 'connected since 200 []',
    lost: 'failed since 900 []',
  },
  waiting: {
    start: 'connecting #1 since 100 [disarm-retry, open]',
    stop: 'stopping, stay-stopped [disarm-retry, close]',
    'retry now': 'connecting #1 since 100 [disarm-retry, open]',
    'retry due': 'connecting #4 since 100 [open]',
    answered: 'connected since 1000 [disarm-retry]',
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
    { type: 'attempt-failed', cause: passing, atMs: 1_000, tryingMs: 900 },
    policy,
  );
  expect(state).toMatchObject({ retryAtMs: 1_300, cause: passing });
  expect(effects).toEqual([{ type: 'arm-retry', delayMs: 300 }]);
});

it('shows a line in doubt as the one that it is, as long as it is not given up', () => {
  const { state } = reduceTunnel(line, { type: 'doubted', cause: passing, atMs: 1_000, headStartMs: 150 }, policy);
  expect(shownState(state)).toBe(line);
  const answered = reduceTunnel(state, { type: 'answered', localPort: 18_789, atMs: 1_100 }, policy);
  expect(answered.state).toBe(line);
});

it('never has two retries armed, and none unless it waits, whatever happens in whatever order', () => {
  const all = Object.values(events);
  const waits = (state: MachineState): boolean =>
    state.status === 'doubted' ? waits(state.trying) : state.status === 'waiting';
  const walk = (state: MachineState, armed: number, depth: number): void => {
    if (armed !== (waits(state) ? 1 : 0)) throw new Error(`${armed} retries armed while ${show(state)}`);
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
  expect(() => walk({ status: 'stopped' }, 0, 5)).not.toThrow();
});
