import { assertNever } from '../contract/assert-never.ts';
import { fail, toErrorInfo, type AppError } from '../contract/errors.ts';
import type { TunnelProbe, TunnelState } from '../contract/tunnel.ts';
import type { Clock, Logger } from '../platform/ports.ts';
import type { DialRequest } from './dialer.ts';
import type { Link, LinkDescription } from './link.ts';
import { LooseEnds } from './loose-ends.ts';
import { CONNECT_TIMEOUT_MS, EAGER_MS, type RetryPolicy } from './retry-policy.ts';
import { reduceTunnel, type TunnelEffect, type TunnelEvent } from './tunnel-reducer.ts';
import { TunnelWatches } from './tunnel-watches.ts';

/** The local end. It outlives the lines that are attached to it. */
export interface Forward {
  readonly port: number;
  readonly held: number;
  attach(link: Link): void;
  hold(): void;
  refuse(): void;
  close(): Promise<void>;
}

export interface TunnelDriverDeps {
  readonly dial: (request: DialRequest) => Promise<Link>;
  readonly listen: (onTrouble: () => void) => Promise<Forward>;
  readonly policy: RetryPolicy;
  /** The addresses of this computer. */
  readonly readAddresses: () => readonly string[];
  readonly clock: Clock;
  readonly log: Logger;
  readonly onChange: (state: TunnelState) => void;
  readonly onProbe: (probe: TunnelProbe) => void;
}

/** Only the current attempt may speak; one that was replaced or stopped is left to close what it opened. */
interface Attempt {
  readonly abort: AbortController;
}

const PROBE_EVERY_MS = 10_000;
const PROBE_LIMIT_MS = 4_000;
/** After a wake or when a connection stalls, somebody waits for the answer. */
const CHECK_LIMIT_MS = 2_000;
const MISSES_TO_LOSE = 2;
/** A line that held as long as this was a good one: losing it begins a new round of attempts. */
const STABLE_MS = 10_000;

/** Feeds events to `reduceTunnel` and carries out its effects. Owns the line, the local end and all timers. */
export class TunnelDriver {
  readonly #deps: TunnelDriverDeps;
  readonly #watches: TunnelWatches;
  /** Attempts and lines that end although they have no say any more. */
  readonly #loose: LooseEnds;
  #state: TunnelState = { status: 'stopped' };
  #description: LinkDescription | undefined;
  #attempt: Attempt | undefined;
  #link: Link | undefined;
  /** The line that a check is asking. */
  #checked: Link | undefined;
  #listening: Promise<Forward> | undefined;
  #forward: Forward | undefined;
  #roundSinceMs = 0;
  #isSuspended = false;
  #misses = 0;
  #disarmRetry = () => {};
  #closing: Promise<void> = Promise.resolve();

  constructor(deps: TunnelDriverDeps) {
    this.#deps = deps;
    this.#loose = new LooseEnds(deps.log);
    this.#watches = new TunnelWatches({
      clock: deps.clock,
      probeEveryMs: PROBE_EVERY_MS,
      probe: async () => {
        if (this.#link) await this.#examine(this.#link, PROBE_LIMIT_MS, MISSES_TO_LOSE);
      },
      onWake: () => this.resume(),
      readAddresses: deps.readAddresses,
      onNetworkChange: () => this.#networkChanged(),
    });
  }

  get state(): TunnelState {
    return this.#state;
  }

  get held(): number {
    return this.#forward?.held ?? 0;
  }

  get description(): LinkDescription | undefined {
    return this.#description;
  }

  /** The line, while there is one. It belongs to this driver. */
  get link(): Link | undefined {
    return this.#link?.isAlive === true ? this.#link : undefined;
  }

  start(): void {
    this.#beginRound();
    this.#dispatch({ type: 'start-requested', atMs: this.#deps.clock.now() });
  }

  /** Tries at once, or asks a line that is up whether it still is. */
  retryNow(): void {
    this.#isSuspended = false;
    this.#beginRound();
    this.#dispatch({ type: 'retry-requested', atMs: this.#deps.clock.now() });
  }

  /** Stops all timers and attempts. A line that is up is left alone: it may well survive a short sleep. */
  suspend(): void {
    this.#isSuspended = true;
    this.#disarmRetry();
    this.#attempt?.abort.abort();
    this.#attempt = undefined;
    this.#syncWatches();
  }

  /** Continues where `suspend` stopped. What only a person can mend is not tried again. */
  resume(): void {
    this.#isSuspended = false;
    if (this.#state.status !== 'failed') this.retryNow();
    this.#syncWatches();
  }

  async probeNow(): Promise<TunnelProbe> {
    const link = this.#link;
    if (!link) return { atMs: this.#deps.clock.now(), sshMs: undefined, forwardMs: undefined };
    return (await this.#measure(link, PROBE_LIMIT_MS)).probe;
  }

  /** Resolves when no listener, connection, timer or attempt is left. */
  async stop(): Promise<void> {
    this.#dispatch({ type: 'stop-requested' });
    await this.#closing;
  }

  #beginRound(): void {
    this.#roundSinceMs = this.#deps.clock.now();
  }

  #dispatch(event: TunnelEvent): void {
    const before = this.#state;
    const { state, effects } = reduceTunnel(before, event, this.#deps.policy);
    this.#state = state;
    if (state !== before) this.#logChange(before, event);
    for (const effect of effects) this.#perform(effect);
    this.#syncForward();
    this.#syncWatches();
    // Last, because the listener may call back.
    if (state !== before) this.#deps.onChange(state);
  }

  #logChange(before: TunnelState, event: TunnelEvent): void {
    const cause = 'cause' in this.#state ? this.#state.cause.code : undefined;
    this.#deps.log.info('tunnel changed', { from: before.status, to: this.#state.status, on: event.type, cause });
  }

  #perform(effect: TunnelEffect): void {
    switch (effect.type) {
      case 'open':
        return this.#open();
      case 'check':
        void this.#check();
        return;
      case 'close':
        this.#closing = this.#close();
        return;
      case 'arm-retry':
        if (this.#isSuspended) return;
        this.#disarmRetry = this.#deps.clock.after(effect.delayMs, () => this.#dispatch({ type: 'retry-due' }));
        return;
      case 'disarm-retry':
        return this.#disarmRetry();
      default:
        return assertNever(effect);
    }
  }

  #open(): void {
    this.#attempt?.abort.abort();
    this.#attempt = undefined;
    // `resume` opens instead.
    if (this.#isSuspended) return;
    const attempt: Attempt = { abort: new AbortController() };
    this.#attempt = attempt;
    this.#loose.add(this.#run(attempt));
  }

  async #run(attempt: Attempt): Promise<void> {
    try {
      const forward = await this.#ensureForward();
      const link = await this.#ensureLink(attempt);
      if (attempt !== this.#attempt || !link) return;
      const { problem, probe } = await this.#measure(link, PROBE_LIMIT_MS);
      if (problem) throw problem;
      if (attempt !== this.#attempt) return;
      // A sign of life is not enough here: the forward must have been proven, and the line still be there.
      if (link !== this.#link || probe.forwardMs === undefined) {
        throw fail('ssh/connection-lost', { host: link.description.host });
      }
      this.#attempt = undefined;
      this.#dispatch({ type: 'opened', localPort: forward.port, atMs: this.#deps.clock.now() });
    } catch (error) {
      if (attempt !== this.#attempt) return;
      this.#attempt = undefined;
      this.#lose(error);
    }
  }

  #ensureForward(): Promise<Forward> {
    this.#listening ??= this.#deps
      .listen(() => this.#onTrouble())
      .then(
        (forward) => (this.#forward = forward),
        (error: unknown) => {
          this.#listening = undefined;
          throw error;
        },
      );
    return this.#listening;
  }

  async #ensureLink(attempt: Attempt): Promise<Link | undefined> {
    if (attempt !== this.#attempt || this.#link?.isAlive) return this.#link;
    const number = this.#state.status === 'connecting' ? this.#state.attempt : 1;
    const link = await this.#deps.dial({
      signal: attempt.abort.signal,
      connectTimeoutMs: CONNECT_TIMEOUT_MS,
      isEager: this.#roundMs() < EAGER_MS,
      afresh: number === 1,
      onResolved: (description) => this.#onResolved(attempt, description),
    });
    if (attempt !== this.#attempt) {
      await link.close();
      return undefined;
    }
    this.#link = link;
    this.#description = link.description;
    void link.lost.then((reason) => this.#onLinkLost(link, reason));
    return link;
  }

  #onResolved(attempt: Attempt, description: LinkDescription): void {
    if (attempt !== this.#attempt) return;
    const { host, port, user } = this.#description ?? {};
    // The same as before: the key that was accepted last time still holds.
    if (host === description.host && port === description.port && user === description.user) return;
    this.#description = description;
  }

  #roundMs(): number {
    return this.#deps.clock.now() - this.#roundSinceMs;
  }

  #onLinkLost(link: Link, reason: AppError): void {
    if (link !== this.#link) return;
    // While connecting, the probe that waits for an answer reports it.
    if (this.#state.status === 'connected') this.#lose(reason);
    else this.#dropLink();
  }

  /** A gateway that does not listen leaves the line itself intact; everything else costs the line. */
  #lose(error: unknown): void {
    const cause = toErrorInfo(error);
    if (cause.code === 'app/unexpected') this.#deps.log.error('unexpected failure', { error });
    if (cause.code !== 'ssh/forward-refused') this.#dropLink();
    const atMs = this.#deps.clock.now();
    if (this.#state.status === 'connected' && atMs - this.#state.sinceMs >= STABLE_MS) this.#beginRound();
    this.#dispatch({ type: 'lost', cause, atMs, tryingMs: this.#roundMs() });
  }

  #dropLink(): void {
    const link = this.#link;
    this.#link = undefined;
    if (link) this.#loose.add(link.close());
  }

  /** A line from an address that is gone is dead without a question; any other is asked at once. */
  #networkChanged(): void {
    const link = this.#link;
    const from = link?.localAddress;
    const isStranded = from !== undefined && !this.#deps.readAddresses().includes(from);
    this.#deps.log.info('network changed', { isStranded });
    if (!isStranded || this.#state.status !== 'connected') return this.resume();
    this.#beginRound();
    this.#lose(fail('ssh/connection-lost', { host: link?.description.host ?? '' }));
  }

  #onTrouble(): void {
    if (this.#state.status === 'connected') void this.#check();
  }

  /** One quick question to the line; many who ask at once share it. */
  async #check(): Promise<void> {
    const link = this.#link;
    if (!link || link === this.#checked) return;
    this.#checked = link;
    await this.#examine(link, CHECK_LIMIT_MS, 1);
    if (this.#checked === link) this.#checked = undefined;
  }

  async #measure(link: Link, limitMs: number) {
    const { sshMs, forwardMs, problem, isCertain } = await link.probe(limitMs);
    const probe: TunnelProbe = { atMs: this.#deps.clock.now(), sshMs, forwardMs };
    if (link === this.#link) this.#deps.onProbe(probe);
    return { probe, problem, isCertain };
  }

  /** Asks the line and gives it up after `misses` silences in a row; an answer that tells of a problem counts at once. */
  async #examine(link: Link, limitMs: number, misses: number): Promise<void> {
    const { problem, isCertain } = await this.#measure(link, limitMs);
    if (link !== this.#link || this.#state.status !== 'connected' || this.#isSuspended) return;
    this.#misses = problem ? this.#misses + 1 : 0;
    // Takes up what was held meanwhile because of a passing refusal.
    if (!problem) this.#forward?.attach(link);
    else if (isCertain || this.#misses >= misses) this.#lose(problem);
    else return this.#examine(link, limitMs, misses);
  }

  #syncForward(): void {
    const { status } = this.#state;
    if (status === 'connected' && this.#link) this.#forward?.attach(this.#link);
    else if (status === 'failed' || status === 'stopping') this.#forward?.refuse();
    else this.#forward?.hold();
  }

  #syncWatches(): void {
    const { status } = this.#state;
    const isUp = status === 'connected';
    if (!isUp) this.#misses = 0;
    const isTrying = status === 'connecting' || status === 'waiting';
    this.#watches.set({
      probing: isUp && !this.#isSuspended,
      lookOut: (isUp || isTrying) && !this.#isSuspended,
    });
  }

  async #close(): Promise<void> {
    this.#attempt?.abort.abort();
    this.#attempt = undefined;
    await this.#loose.over();
    await this.#forward?.close();
    this.#forward = undefined;
    this.#listening = undefined;
    this.#dropLink();
    await this.#loose.over();
    this.#dispatch({ type: 'closed', atMs: this.#deps.clock.now() });
  }
}
