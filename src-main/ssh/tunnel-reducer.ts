import { assertNever } from '../contract/assert-never.ts';
import type { ErrorInfo } from '../contract/errors.ts';
import type { TunnelState } from '../contract/tunnel.ts';
import type { RetryPolicy } from './retry-policy.ts';

export type TunnelEvent =
  | { readonly type: 'start-requested'; readonly atMs: number }
  | { readonly type: 'stop-requested' }
  /** A person, a wake or a new network: whatever waits is tried now. */
  | { readonly type: 'retry-requested'; readonly atMs: number }
  | { readonly type: 'retry-due' }
  | { readonly type: 'opened'; readonly localPort: number; readonly atMs: number }
  /** `tryingMs`: how long the present round of attempts goes on. */
  | { readonly type: 'lost'; readonly cause: ErrorInfo; readonly atMs: number; readonly tryingMs: number }
  | { readonly type: 'closed'; readonly atMs: number };

export type TunnelEffect =
  /** Starts an attempt, in place of one that may still run. */
  | { readonly type: 'open' }
  /** Asks the open line whether it is still there. */
  | { readonly type: 'check' }
  | { readonly type: 'close' }
  | { readonly type: 'arm-retry'; readonly delayMs: number }
  | { readonly type: 'disarm-retry' };

export interface Transition {
  readonly state: TunnelState;
  readonly effects: readonly TunnelEffect[];
}

/**
 * The whole life of a tunnel. Pure: no clock, no socket, no log. An event that makes no sense in a state returns the
 * very same state object. `sinceMs` of `connecting` and `waiting` is the begin of the outage.
 */
export function reduceTunnel(state: TunnelState, event: TunnelEvent, policy: RetryPolicy): Transition {
  switch (event.type) {
    case 'start-requested':
      return onStartRequested(state, event.atMs);
    case 'stop-requested':
      return onStopRequested(state);
    case 'retry-requested':
      return onRetryRequested(state, event.atMs);
    case 'retry-due':
      if (state.status !== 'waiting') return ignored(state);
      return openAgain(state.attempt + 1, state.sinceMs);
    case 'opened':
      if (state.status !== 'connecting') return ignored(state);
      return { state: { status: 'connected', localPort: event.localPort, sinceMs: event.atMs }, effects: [] };
    case 'lost':
      return onLost(state, event, policy);
    case 'closed':
      if (state.status !== 'stopping') return ignored(state);
      return state.then === 'start-again' ? openAgain(1, event.atMs) : { state: { status: 'stopped' }, effects: [] };
    default:
      return assertNever(event);
  }
}

const ignored = (state: TunnelState): Transition => ({ state, effects: [] });

function openAgain(attempt: number, sinceMs: number): Transition {
  return { state: { status: 'connecting', attempt, sinceMs }, effects: [{ type: 'open' }] };
}

function onStartRequested(state: TunnelState, atMs: number): Transition {
  switch (state.status) {
    case 'stopped':
      return openAgain(1, atMs);
    case 'failed':
    case 'waiting':
      return onRetryRequested(state, atMs);
    case 'stopping':
      return state.then === 'start-again'
        ? ignored(state)
        : { state: { status: 'stopping', then: 'start-again' }, effects: [] };
    case 'connecting':
    case 'connected':
      return ignored(state);
    default:
      return assertNever(state);
  }
}

function onRetryRequested(state: TunnelState, atMs: number): Transition {
  switch (state.status) {
    case 'failed':
      return openAgain(1, atMs);
    case 'waiting': {
      const { state: next, effects } = openAgain(1, state.sinceMs);
      return { state: next, effects: [{ type: 'disarm-retry' }, ...effects] };
    }
    case 'connecting':
      return openAgain(1, state.sinceMs);
    case 'connected':
      return { state, effects: [{ type: 'check' }] };
    case 'stopped':
    case 'stopping':
      return ignored(state);
    default:
      return assertNever(state);
  }
}

function onStopRequested(state: TunnelState): Transition {
  const stopping: TunnelState = { status: 'stopping', then: 'stay-stopped' };
  switch (state.status) {
    case 'stopped':
      return ignored(state);
    case 'stopping':
      return state.then === 'stay-stopped' ? ignored(state) : { state: stopping, effects: [] };
    case 'waiting':
      return { state: stopping, effects: [{ type: 'disarm-retry' }, { type: 'close' }] };
    // A failed tunnel still holds its port.
    case 'failed':
    case 'connecting':
    case 'connected':
      return { state: stopping, effects: [{ type: 'close' }] };
    default:
      return assertNever(state);
  }
}

function onLost(
  state: TunnelState,
  { cause, atMs, tryingMs }: { readonly cause: ErrorInfo; readonly atMs: number; readonly tryingMs: number },
  policy: RetryPolicy,
): Transition {
  if (state.status !== 'connecting' && state.status !== 'connected') return ignored(state);
  const attempt = state.status === 'connecting' ? state.attempt : 0;
  const sinceMs = state.status === 'connecting' ? state.sinceMs : atMs;
  const delayMs = policy(cause, { attempt, forMs: tryingMs });
  if (delayMs === undefined) return { state: { status: 'failed', sinceMs: atMs, cause }, effects: [] };
  return {
    state: { status: 'waiting', attempt, sinceMs, retryAtMs: atMs + delayMs, cause },
    effects: [{ type: 'arm-retry', delayMs }],
  };
}
