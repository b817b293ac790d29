import { assertNever } from '../contract/assert-never.ts';
import type { ErrorInfo } from '../contract/errors.ts';
import type { TunnelState } from '../contract/tunnel.ts';
import type { RetryPolicy } from './retry-policy.ts';

type Connected = Extract<TunnelState, { status: 'connected' }>;
type Trying = Extract<TunnelState, { status: 'connecting' | 'waiting' | 'failed' }>;

/** A line that may be gone: it is asked while another is dialled, and whichever answers first is the line from then on. */
interface Doubted {
  readonly status: 'doubted';
  /** What is shown as long as nothing is certain. */
  readonly line: Connected;
  /** What becomes of the tunnel when the line is given up. `waiting` for attempt 0 is the head start of the line. */
  readonly trying: Trying;
}

export type MachineState = TunnelState | Doubted;

interface Failure {
  readonly cause: ErrorInfo;
  readonly atMs: number;
  /** How long the present round of attempts goes on. */
  readonly tryingMs: number;
}

export type TunnelEvent =
  | { readonly type: 'start-requested'; readonly atMs: number }
  | { readonly type: 'stop-requested' }
  /** A person, a wake or a new network: whatever waits is tried now. */
  | { readonly type: 'retry-requested'; readonly atMs: number }
  | { readonly type: 'retry-due' }
  | { readonly type: 'opened'; readonly localPort: number; readonly atMs: number }
  | ({ readonly type: 'attempt-failed' } & Failure)
  /** The line that is up may be gone: it gets so much time to answer before another is dialled as well. */
  | { readonly type: 'doubted'; readonly cause: ErrorInfo; readonly atMs: number; readonly headStartMs: number }
  /** A line that was in doubt, or given up already, is there after all. */
  | { readonly type: 'answered'; readonly localPort: number; readonly atMs: number }
  | ({ readonly type: 'line-lost' } & Failure)
  | { readonly type: 'closed'; readonly atMs: number };

export type TunnelEffect =
  /** Starts an attempt, in place of one that may still run. */
  | { readonly type: 'open' }
  /** Ends the attempt that runs. */
  | { readonly type: 'abandon' }
  /** Asks the line in doubt whether it is still there. */
  | { readonly type: 'ask' }
  | { readonly type: 'close' }
  | { readonly type: 'arm-retry'; readonly delayMs: number }
  | { readonly type: 'disarm-retry' };

export interface Transition<State = MachineState> {
  readonly state: State;
  readonly effects: readonly TunnelEffect[];
}

/**
 * The whole life of a tunnel. Pure: no clock, no socket, no log. An event that makes no sense in a state returns the
 * very same state object. `sinceMs` of `connecting` and `waiting` is the begin of the outage.
 */
export function reduceTunnel(state: MachineState, event: TunnelEvent, policy: RetryPolicy): Transition {
  switch (state.status) {
    case 'doubted':
      return reduceDoubted(state, event, policy);
    case 'connected':
      return reduceConnected(state, event, policy);
    case 'connecting':
    case 'waiting':
    case 'failed':
      return reduceTrying(state, event, policy);
    case 'stopped':
      return event.type === 'start-requested' ? openAgain(1, event.atMs) : unchanged(state);
    case 'stopping':
      return reduceStopping(state, event);
    default:
      return assertNever(state);
  }
}

/** What everybody else sees of it. */
export function shownState(state: MachineState): TunnelState {
  return state.status === 'doubted' ? state.line : state;
}

function reduceConnected(state: Connected, event: TunnelEvent, policy: RetryPolicy): Transition {
  if (event.type === 'stop-requested') return stop([]);
  if (event.type === 'doubted') return onDoubted(state, event);
  if (event.type === 'line-lost') return onFailure({ attempt: 0, sinceMs: event.atMs }, event, policy);
  return unchanged(state);
}

function reduceTrying(state: Trying, event: TunnelEvent, policy: RetryPolicy): Transition {
  if (event.type === 'stop-requested') return stop(state.status === 'waiting' ? [{ type: 'disarm-retry' }] : []);
  if (event.type === 'retry-requested') return tryNow(state, event.atMs);
  if (event.type === 'start-requested' && state.status !== 'connecting') return tryNow(state, event.atMs);
  if (event.type === 'opened' && state.status === 'connecting') return { state: connected(event), effects: [] };
  if (event.type === 'answered' && state.status !== 'failed') return { state: connected(event), effects: endOf(state) };
  return goOn(state, event, policy) ?? unchanged(state);
}

function reduceDoubted(state: Doubted, event: TunnelEvent, policy: RetryPolicy): Transition {
  const { line, trying } = state;
  if (event.type === 'stop-requested') return reduceTrying(trying, event, policy);
  if (event.type === 'answered') return { state: line, effects: endOf(trying) };
  if (event.type === 'line-lost') {
    return isHeadStart(trying) ? tryNow(trying, event.atMs) : { state: trying, effects: [] };
  }
  if (event.type === 'retry-requested') {
    const next = trying.status === 'waiting' && trying.attempt === 0 ? headStartOf(trying, event.atMs) : undefined;
    return stillDoubted(line, next ?? tryNow(trying, event.atMs), [{ type: 'ask' }]);
  }
  const next = goOn(trying, event, policy);
  return next ? stillDoubted(line, next) : unchanged(state);
}

function reduceStopping(state: Extract<TunnelState, { status: 'stopping' }>, event: TunnelEvent): Transition {
  const startAgain = state.then === 'start-again';
  if (event.type === 'start-requested' && !startAgain) return { state: { ...state, then: 'start-again' }, effects: [] };
  if (event.type === 'stop-requested' && startAgain) return { state: { ...state, then: 'stay-stopped' }, effects: [] };
  if (event.type !== 'closed') return unchanged(state);
  return startAgain ? openAgain(1, event.atMs) : { state: { status: 'stopped' }, effects: [] };
}

/** The attempts among themselves; `undefined` when the event does not concern the present one. */
function goOn(trying: Trying, event: TunnelEvent, policy: RetryPolicy): Transition<Trying> | undefined {
  if (event.type === 'retry-due' && trying.status === 'waiting') return openAgain(trying.attempt + 1, trying.sinceMs);
  if (event.type === 'attempt-failed' && trying.status === 'connecting') return onFailure(trying, event, policy);
  return undefined;
}

const unchanged = (state: MachineState): Transition => ({ state, effects: [] });

const connected = ({ localPort, atMs }: { readonly localPort: number; readonly atMs: number }): Connected => {
  return { status: 'connected', localPort, sinceMs: atMs };
};

const isHeadStart = (trying: Trying): boolean => trying.status === 'waiting' && trying.attempt === 0;

function stillDoubted(line: Connected, next: Transition<Trying>, more: readonly TunnelEffect[] = []): Transition {
  return { state: { status: 'doubted', line, trying: next.state }, effects: [...more, ...next.effects] };
}

function endOf(trying: Trying): readonly TunnelEffect[] {
  switch (trying.status) {
    case 'connecting':
      return [{ type: 'abandon' }];
    case 'waiting':
      return [{ type: 'disarm-retry' }];
    case 'failed':
      return [];
    default:
      return assertNever(trying);
  }
}

function openAgain(attempt: number, sinceMs: number): Transition<Trying> {
  return { state: { status: 'connecting', attempt, sinceMs }, effects: [{ type: 'open' }] };
}

function tryNow(state: Trying, atMs: number): Transition<Trying> {
  const { state: next, effects } = openAgain(1, state.status === 'failed' ? atMs : state.sinceMs);
  return { state: next, effects: state.status === 'waiting' ? [{ type: 'disarm-retry' }, ...effects] : effects };
}

function onDoubted(line: Connected, { cause, atMs, headStartMs }: Extract<TunnelEvent, { type: 'doubted' }>) {
  const headStart: Trying = { status: 'waiting', attempt: 0, sinceMs: atMs, retryAtMs: atMs + headStartMs, cause };
  const arm: TunnelEffect = { type: 'arm-retry', delayMs: headStartMs };
  return stillDoubted(line, { state: headStart, effects: [arm] }, [{ type: 'ask' }]);
}

/** What is left of a head start, which a sleep may have stopped; by a clock that may have been set. */
function headStartOf(trying: Extract<Trying, { status: 'waiting' }>, atMs: number): Transition<Trying> {
  const { sinceMs, retryAtMs } = trying;
  const delayMs = Math.min(Math.max(0, retryAtMs - atMs), retryAtMs - sinceMs);
  return { state: trying, effects: [{ type: 'disarm-retry' }, { type: 'arm-retry', delayMs }] };
}

/** A failed tunnel still holds its port, so there is always something to close. */
function stop(before: readonly TunnelEffect[]): Transition {
  return { state: { status: 'stopping', then: 'stay-stopped' }, effects: [...before, { type: 'close' }] };
}

function onFailure(
  { attempt, sinceMs }: { readonly attempt: number; readonly sinceMs: number },
  { cause, atMs, tryingMs }: Failure,
  policy: RetryPolicy,
): Transition<Trying> {
  const delayMs = policy(cause, { attempt, forMs: tryingMs });
  if (delayMs === undefined) return { state: { status: 'failed', sinceMs: atMs, cause }, effects: [] };
  return {
    state: { status: 'waiting', attempt, sinceMs, retryAtMs: atMs + delayMs, cause },
    effects: [{ type: 'arm-retry', delayMs }],
  };
}
