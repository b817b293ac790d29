import { assertNever } from '../contract/assert-never.ts';
import { retryAdvice, toErrorInfo, type ErrorInfo } from '../contract/errors.ts';
import type { Clock, Logger } from './ports.ts';

/** Something that was opened and stays open until it is lost or closed. */
export interface Kept {
  /** Settles exactly once, with the reason, when it is gone for any cause. */
  readonly lost: Promise<unknown>;
  /** Resolves when nothing of it is left. */
  close(): Promise<void>;
}

/** What one kept thing is doing. The wish is implied: `stopped` and `closing` are down, the rest is up. */
export type KeeperState<S> =
  | { readonly status: 'stopped' }
  | { readonly status: 'opening'; readonly attempt: number; readonly sinceMs: number }
  | { readonly status: 'open'; readonly session: S; readonly sinceMs: number }
  | {
      readonly status: 'waiting';
      readonly attempt: number;
      /** When the outage began; it does not move with the attempts. */
      readonly sinceMs: number;
      readonly retryAtMs: number;
      readonly cause: ErrorInfo;
    }
  | { readonly status: 'failed'; readonly sinceMs: number; readonly cause: ErrorInfo }
  | { readonly status: 'closing'; readonly then: 'stay-stopped' | 'start-again' };

export type KeeperEvent<S> =
  | { readonly type: 'start-requested'; readonly atMs: number }
  | { readonly type: 'stop-requested' }
  | { readonly type: 'retry-due' }
  | { readonly type: 'opened'; readonly session: S; readonly atMs: number }
  | { readonly type: 'lost'; readonly cause: ErrorInfo; readonly atMs: number }
  | { readonly type: 'closed'; readonly atMs: number };

export type KeeperEffect =
  | { readonly type: 'open' }
  | { readonly type: 'close' }
  | { readonly type: 'arm-retry'; readonly delayMs: number }
  | { readonly type: 'disarm-retry' };

/** Delay before the next attempt, milliseconds; `undefined` gives up until a person acts. */
export type RetryPolicy = (
  cause: ErrorInfo,
  outage: { readonly attempt: number; readonly forMs: number },
) => number | undefined;

interface Step<S> {
  readonly state: KeeperState<S>;
  readonly effects: readonly KeeperEffect[];
}

/** The next state and what is to be done. Pure; a late or senseless event returns the same state object. */
export function reduceKeeper<S>(state: KeeperState<S>, event: KeeperEvent<S>, policy: RetryPolicy): Step<S> {
  return next(state, event, policy) ?? { state, effects: [] };
}

function next<S>(state: KeeperState<S>, event: KeeperEvent<S>, policy: RetryPolicy): Step<S> | undefined {
  switch (event.type) {
    case 'start-requested':
      return started(state, event.atMs);
    case 'stop-requested':
      return stopped(state);
    case 'retry-due':
      return due(state);
    case 'opened':
      return opened(state, event);
    case 'lost':
      return lost(state, event, policy);
    case 'closed':
      return closed(state, event.atMs);
    default:
      return assertNever(event);
  }
}

function opening<S>(atMs: number): Step<S> {
  return { state: { status: 'opening', attempt: 1, sinceMs: atMs }, effects: [{ type: 'open' }] };
}

function opened<S>(
  state: KeeperState<S>,
  { session, atMs }: { readonly session: S; readonly atMs: number },
): Step<S> | undefined {
  return state.status === 'opening' ? { state: { status: 'open', session, sinceMs: atMs }, effects: [] } : undefined;
}

function due<S>(state: KeeperState<S>): Step<S> | undefined {
  if (state.status !== 'waiting') return undefined;
  const { attempt, sinceMs } = state;
  return { state: { status: 'opening', attempt: attempt + 1, sinceMs }, effects: [{ type: 'open' }] };
}

function closed<S>(state: KeeperState<S>, atMs: number): Step<S> | undefined {
  if (state.status !== 'closing') return undefined;
  return state.then === 'start-again' ? opening(atMs) : { state: { status: 'stopped' }, effects: [] };
}

function started<S>(state: KeeperState<S>, atMs: number): Step<S> | undefined {
  switch (state.status) {
    case 'stopped':
    case 'failed':
      return opening(atMs);
    case 'waiting':
      return {
        state: { status: 'opening', attempt: 1, sinceMs: state.sinceMs },
        effects: [{ type: 'disarm-retry' }, { type: 'open' }],
      };
    case 'closing':
      return state.then === 'start-again'
        ? undefined
        : { state: { status: 'closing', then: 'start-again' }, effects: [] };
    case 'opening':
    case 'open':
      return undefined;
    default:
      return assertNever(state);
  }
}

function stopped<S>(state: KeeperState<S>): Step<S> | undefined {
  switch (state.status) {
    case 'stopped':
      return undefined;
    case 'failed':
      return { state: { status: 'stopped' }, effects: [] };
    case 'waiting':
      return { state: { status: 'stopped' }, effects: [{ type: 'disarm-retry' }] };
    case 'closing':
      return state.then === 'stay-stopped'
        ? undefined
        : { state: { status: 'closing', then: 'stay-stopped' }, effects: [] };
    case 'opening':
    case 'open':
      return { state: { status: 'closing', then: 'stay-stopped' }, effects: [{ type: 'close' }] };
    default:
      return assertNever(state);
  }
}

function lost<S>(
  state: KeeperState<S>,
  event: { readonly cause: ErrorInfo; readonly atMs: number },
  policy: RetryPolicy,
): Step<S> | undefined {
  if (state.status !== 'opening' && state.status !== 'open') return undefined;
  const { cause, atMs } = event;
  const attempt = state.status === 'opening' ? state.attempt : 0;
  const sinceMs = state.status === 'opening' ? state.sinceMs : atMs;
  const delayMs = retryAdvice(cause) === 'retry' ? policy(cause, { attempt, forMs: atMs - sinceMs }) : undefined;
  if (delayMs === undefined) return { state: { status: 'failed', sinceMs: atMs, cause }, effects: [] };
  return {
    state: { status: 'waiting', attempt, sinceMs, retryAtMs: atMs + delayMs, cause },
    effects: [{ type: 'arm-retry', delayMs }],
  };
}

export interface KeeperDeps<S extends Kept> {
  readonly name: string;
  /** Must honour `signal` at every step and reject with an `AppError`. */
  readonly open: (signal: AbortSignal) => Promise<S>;
  readonly policy: RetryPolicy;
  readonly clock: Clock;
  readonly log: Logger;
  readonly onChange: (state: KeeperState<S>) => void;
}

interface Attempt<S> {
  readonly abort: AbortController;
  session: S | undefined;
  /** Settles when the opening has come to its end, one way or the other. */
  finished: Promise<void>;
}

/** Keeps one thing open: feeds events to `reduceKeeper` and carries out its effects. Owns the only timer. */
export class Keeper<S extends Kept> {
  readonly #deps: KeeperDeps<S>;
  #state: KeeperState<S> = { status: 'stopped' };
  #attempt: Attempt<S> | undefined;
  #disarm: (() => void) | undefined;
  #closing: Promise<void> = Promise.resolve();

  constructor(deps: KeeperDeps<S>) {
    this.#deps = deps;
  }

  get state(): KeeperState<S> {
    return this.#state;
  }

  /** Starts, or tries at once when it waits or had given up. */
  start(): void {
    this.#dispatch({ type: 'start-requested', atMs: this.#deps.clock.now() });
  }

  /** Resolves when it is closed and nothing is pending. */
  async stop(): Promise<void> {
    this.#dispatch({ type: 'stop-requested' });
    await this.#closing;
  }

  #dispatch(event: KeeperEvent<S>): void {
    const { state, effects } = reduceKeeper(this.#state, event, this.#deps.policy);
    if (state !== this.#state) {
      const { name, log } = this.#deps;
      const cause = 'cause' in state ? state.cause.code : undefined;
      log.info('state changed', { name, from: this.#state.status, to: state.status, on: event.type, cause });
      this.#state = state;
    }
    for (const effect of effects) this.#perform(effect);
    this.#deps.onChange(this.#state);
  }

  #perform(effect: KeeperEffect): void {
    switch (effect.type) {
      case 'open': {
        const attempt: Attempt<S> = { abort: new AbortController(), session: undefined, finished: Promise.resolve() };
        this.#attempt = attempt;
        attempt.finished = this.#run(attempt);
        return;
      }
      case 'close':
        this.#closing = this.#close();
        return;
      case 'arm-retry':
        this.#disarm = this.#deps.clock.after(effect.delayMs, () => this.#dispatch({ type: 'retry-due' }));
        return;
      case 'disarm-retry':
        this.#disarm?.();
        return;
      default:
        assertNever(effect);
    }
  }

  async #run(attempt: Attempt<S>): Promise<void> {
    try {
      attempt.session = await this.#deps.open(attempt.abort.signal);
    } catch (error) {
      return this.#ended(attempt, error);
    }
    // Stopped meanwhile: `#close` waits for this opening and closes what came of it.
    if (attempt !== this.#attempt) return;
    void attempt.session.lost.then((reason) => this.#ended(attempt, reason));
    this.#dispatch({ type: 'opened', session: attempt.session, atMs: this.#deps.clock.now() });
  }

  #ended(attempt: Attempt<S>, reason: unknown): void {
    // An attempt that was replaced or stopped in the meantime must not speak for the current one.
    if (attempt !== this.#attempt) return;
    this.#attempt = undefined;
    const cause = toErrorInfo(reason);
    if (cause.code === 'app/unexpected')
      this.#deps.log.error('unexpected failure', { name: this.#deps.name, error: reason });
    this.#dispatch({ type: 'lost', cause, atMs: this.#deps.clock.now() });
  }

  async #close(): Promise<void> {
    const attempt = this.#attempt;
    this.#attempt = undefined;
    attempt?.abort.abort();
    await attempt?.finished;
    await attempt?.session?.close();
    this.#dispatch({ type: 'closed', atMs: this.#deps.clock.now() });
  }
}
