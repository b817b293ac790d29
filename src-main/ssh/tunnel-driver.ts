import { assertNever } from '../contract/assert-never.ts';
import { fail, toErrorInfo, type AppError, type ErrorInfo } from '../contract/errors.ts';
import type { TunnelProbe, TunnelState } from '../contract/tunnel.ts';
import { AttemptRound } from './attempt-round.ts';
import { Attempts, type Attempt } from './attempts.ts';
import type { Link, LinkDescription } from './link.ts';
import { ASK_LIMIT_MS, isSilent, LineQuestions, PROBE_LIMIT_MS, type Measured } from './line-questions.ts';
import { LooseEnds } from './loose-ends.ts';
import { PartingLines } from './parting-lines.ts';
import { AFTER_LONG_SLEEP, connectTimeoutMs, HEAD_START_MS, paceOf } from './retry-policy.ts';
import { reduceTunnel, shownState, type MachineState, type TunnelEffect, type TunnelEvent } from './tunnel-reducer.ts';
import type { Forward, TunnelDriverDeps } from './tunnel-driver-deps.ts';
import { TunnelWatches } from './tunnel-watches.ts';

/** A line that held as long as this was a good one: losing it begins a new round of attempts. */
const STABLE_MS = 10_000;

/** Feeds events to `reduceTunnel` and carries out its effects. Owns the line, the local end and all timers. */
export class TunnelDriver {
  readonly #deps: TunnelDriverDeps;
  readonly #watches: TunnelWatches;
  /** Attempts and lines that end although they have no say any more. */
  readonly #loose: LooseEnds;
  readonly #attempts: Attempts;
  readonly #parting: PartingLines;
  readonly #questions: LineQuestions;
  readonly #round: AttemptRound;
  #state: MachineState = { status: 'stopped' };
  #description: LinkDescription | undefined;
  /** The line that is up, in doubt, or only waits for its remote port. */
  #link: Link | undefined;
  #listening: Promise<Forward> | undefined;
  #forward: Forward | undefined;
  #suspendedAtMs: number | undefined;
  #disarmRetry = () => {};
  #closing: Promise<void> = Promise.resolve();

  constructor(deps: TunnelDriverDeps) {
    this.#deps = deps;
    const { clock, readAddresses } = deps;
    this.#round = new AttemptRound(clock);
    this.#loose = new LooseEnds(deps.log);
    this.#attempts = new Attempts(clock, this.#loose, (attempt) => this.#run(attempt));
    this.#parting = new PartingLines({ clock, loose: this.#loose, takeBack: (link) => this.#takeBack(link) });
    this.#questions = new LineQuestions({
      clock,
      isUp: (link) => link === this.#link && this.#state.status === 'connected' && !this.#isSuspended,
      onProbe: (link, probe) => {
        if (link === this.#link) deps.onProbe(probe);
      },
      // Takes up what was held meanwhile because of a passing refusal.
      onWell: (link) => this.#forward?.attach(link),
      onDoubt: () => this.#doubt(HEAD_START_MS),
      onProblem: (_link, problem) => this.#fail('line-lost', problem),
      onAnswer: (link) => {
        if (link === this.#link) this.#answered();
      },
      onSilence: (link) => this.#giveUp(link),
    });
    this.#watches = new TunnelWatches({
      clock,
      probe: async () => {
        if (this.#link) await this.#questions.examine(this.#link);
      },
      onWake: (sleptMs) => this.#wake(sleptMs),
      readAddresses,
      onNetworkChange: () => this.#networkChanged(),
    });
  }

  get state(): TunnelState {
    return shownState(this.#state);
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
    // Whoever wants it now is awake.
    this.#suspendedAtMs = undefined;
    this.#round.begin();
    this.#dispatch({ type: 'start-requested', atMs: this.#deps.clock.now() });
  }

  /** Tries at once, or asks a line that is up whether it still is. */
  retryNow(): void {
    this.#suspendedAtMs = undefined;
    this.#tryAfresh(HEAD_START_MS);
  }

  /** Stops all timers and attempts. A line that is up is left alone: it may well survive a short sleep. */
  suspend(): void {
    this.#suspendedAtMs ??= this.#deps.clock.now();
    this.#disarmRetry();
    this.#attempts.abandon();
    this.#questions.forget();
    this.#parting.closeAll();
    this.#syncWatches();
  }

  /** Continues where `suspend` stopped. What only a person can mend is not tried again. */
  resume(): void {
    const nowMs = this.#deps.clock.now();
    this.#wake(nowMs - (this.#suspendedAtMs ?? nowMs));
  }

  async probeNow(): Promise<TunnelProbe> {
    const link = this.#link;
    if (!link) return { atMs: this.#deps.clock.now(), sshMs: undefined, forwardMs: undefined };
    return (await this.#questions.measure(link, PROBE_LIMIT_MS)).probe;
  }

  /** Resolves when no listener, connection, timer or attempt is left. */
  async stop(): Promise<void> {
    this.#dispatch({ type: 'stop-requested' });
    await this.#closing;
  }

  get #isSuspended(): boolean {
    return this.#suspendedAtMs !== undefined;
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
    if (shownState(state) !== shownState(before)) this.#deps.onChange(shownState(state));
  }

  #logChange(before: MachineState, event: TunnelEvent): void {
    const cause = 'cause' in this.#state ? this.#state.cause.code : undefined;
    this.#deps.log.info('tunnel changed', { from: before.status, to: this.#state.status, on: event.type, cause });
  }

  #perform(effect: TunnelEffect): void {
    switch (effect.type) {
      case 'open':
        // `resume` opens instead.
        if (!this.#isSuspended) this.#attempts.begin();
        return;
      case 'abandon':
        return this.#attempts.abandon();
      case 'ask':
        if (this.#link) void this.#questions.ask(this.#link);
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

  async #run(attempt: Attempt): Promise<void> {
    try {
      const forward = await this.#ensureForward();
      const { problem, probe } = (await this.#knock(attempt)) ?? (await this.#connect(attempt, forward)) ?? {};
      if (!this.#attempts.isLatest(attempt)) return;
      if (problem) throw problem;
      // A sign of life is not enough here: the forward must have been proven, and the line still be there.
      if (!this.#link || probe?.forwardMs === undefined) throw connectionLost(this.#description);
      this.#attempts.end(attempt);
      this.#dispatch({ type: 'opened', localPort: forward.port, atMs: this.#deps.clock.now() });
    } catch (error) {
      if (this.#attempts.end(attempt)) this.#fail('attempt-failed', error);
    }
  }

  #ensureForward(): Promise<Forward> {
    this.#listening ??= this.#deps
      .listen(() => this.#doubt(HEAD_START_MS))
      .then(
        (forward) => (this.#forward = forward),
        (error: unknown) => {
          this.#listening = undefined;
          throw error;
        },
      );
    return this.#listening;
  }

  /** Asks a line that only waits for its remote port; `undefined` when there is none, or no longer. */
  async #knock(attempt: Attempt): Promise<Measured | undefined> {
    const link = this.#link;
    if (!this.#attempts.isLatest(attempt) || this.#state.status !== 'connecting' || !link?.isAlive) return undefined;
    const measured = await this.#questions.measure(link, ASK_LIMIT_MS);
    if (!isSilent(measured)) return measured;
    if (this.#attempts.isLatest(attempt) && link === this.#link) this.#part(ASK_LIMIT_MS);
    return undefined;
  }

  /** Makes a new line and puts it in place; `undefined` for an attempt that is over. */
  async #connect(attempt: Attempt, forward: Forward): Promise<Measured | undefined> {
    if (!this.#attempts.isLatest(attempt)) return undefined;
    const lives = this.#link?.watchFlow?.();
    const link = await this.#dial(attempt);
    // Bulk data may hold the answer up that a line in doubt owes us.
    if (this.#attempts.isLatest(attempt) && lives?.() && this.#link?.isAlive) this.#answered();
    if (!this.#attempts.isLatest(attempt)) {
      await link.close();
      return undefined;
    }
    this.#adopt(link);
    // Whoever waits need not wait for the proof as well.
    forward.attach(link);
    return this.#questions.measure(link, PROBE_LIMIT_MS);
  }

  #dial(attempt: Attempt): Promise<Link> {
    const number = 'attempt' in this.#trying ? this.#trying.attempt : 1;
    const trying = { attempt: number, forMs: this.#round.forMs };
    return this.#deps.dial({
      signal: attempt.signal,
      connectTimeoutMs: connectTimeoutMs(trying),
      pace: paceOf(trying),
      afresh: number === 1,
      onResolved: (description) => this.#onResolved(attempt, description),
    });
  }

  get #trying(): MachineState {
    return this.#state.status === 'doubted' ? this.#state.trying : this.#state;
  }

  /** The new line is the line from now on, and one in doubt is given up for it. */
  #adopt(link: Link): void {
    if (this.#state.status === 'doubted') {
      const { sinceMs } = this.#state.trying;
      this.#part(this.#deps.clock.now() - sinceMs);
      this.#dispatchLost('line-lost', toErrorInfo(connectionLost(link.description)));
    }
    this.#link = link;
    this.#parting.replaced();
    this.#description = link.description;
    void link.lost.then((reason) => this.#onLinkLost(link, reason));
  }

  #onResolved(attempt: Attempt, description: LinkDescription): void {
    if (!this.#attempts.isLatest(attempt)) return;
    const { host, port, user } = this.#description ?? {};
    // The same as before: the key that was accepted last time still holds.
    if (host === description.host && port === description.port && user === description.user) return;
    this.#description = description;
  }

  #onLinkLost(link: Link, reason: AppError): void {
    if (link !== this.#link) return;
    // While connecting, the probe that waits for an answer reports it.
    if (this.#state.status === 'connected' || this.#state.status === 'doubted') this.#fail('line-lost', reason);
    else this.#dropLink();
  }

  /** A gateway that does not listen leaves the line itself intact; everything else costs the line. */
  #fail(type: 'attempt-failed' | 'line-lost', error: unknown): void {
    const cause = toErrorInfo(error);
    if (cause.code === 'app/unexpected') this.#deps.log.error('unexpected failure', { error });
    // An attempt beside a line in doubt has none of its own yet.
    const isBeside = type === 'attempt-failed' && this.#state.status === 'doubted';
    if (cause.code !== 'ssh/forward-refused' && !isBeside) this.#dropLink();
    this.#dispatchLost(type, cause);
  }

  #dispatchLost(type: 'attempt-failed' | 'line-lost', cause: ErrorInfo): void {
    this.#beginRoundAfterGoodLine();
    this.#dispatch({ type, cause, atMs: this.#deps.clock.now(), tryingMs: this.#round.forMs });
  }

  #beginRoundAfterGoodLine(): void {
    const { clock } = this.#deps;
    if (this.#state.status === 'connected' && clock.now() - this.#state.sinceMs >= STABLE_MS) this.#round.begin();
  }

  #dropLink(): void {
    const link = this.#link;
    this.#link = undefined;
    if (link) this.#loose.add(link.close());
  }

  /** Lets the line go that has been silent for so long. It may still be heard from. */
  #part(silentMs: number): void {
    const link = this.#link;
    this.#link = undefined;
    if (link?.isAlive) this.#parting.add(link, this.#deps.clock.now() - silentMs);
  }

  #takeBack(link: Link): boolean {
    if (this.#link || (this.#state.status !== 'connecting' && this.#state.status !== 'waiting')) return false;
    this.#link = link;
    this.#answered();
    return true;
  }

  #wake(sleptMs: number): void {
    this.#suspendedAtMs = undefined;
    const { sleepMs, headStartMs } = AFTER_LONG_SLEEP;
    if (this.#state.status !== 'failed') this.#tryAfresh(sleptMs >= sleepMs ? headStartMs : HEAD_START_MS);
    this.#syncWatches();
  }

  #tryAfresh(headStartMs: number): void {
    this.#round.begin();
    if (this.#state.status === 'connected') this.#doubt(headStartMs);
    else this.#dispatch({ type: 'retry-requested', atMs: this.#deps.clock.now() });
  }

  /** A line from an address that is gone is dead without a question; any other is asked at once. */
  #networkChanged(): void {
    const from = this.#link?.localAddress;
    const isStranded = from !== undefined && !this.#deps.readAddresses().includes(from);
    this.#deps.log.info('network changed', { isStranded });
    if (isStranded) {
      this.#round.begin();
      this.#attempts.abandon();
      this.#fail('line-lost', connectionLost(this.#description));
    }
    // An address more, as of a virtual machine, is no reason to take the question away.
    if (!this.#deps.isAsking()) this.#wake(0);
  }

  #doubt(headStartMs: number): void {
    if (this.#state.status !== 'connected') return;
    this.#beginRoundAfterGoodLine();
    const cause = toErrorInfo(connectionLost(this.#description));
    const { clock, minHeadStartMs = 0 } = this.#deps;
    this.#dispatch({ type: 'doubted', cause, atMs: clock.now(), headStartMs: Math.max(headStartMs, minHeadStartMs) });
  }

  #giveUp(link: Link): void {
    if (link !== this.#link || this.#state.status !== 'doubted') return;
    this.#part(this.#deps.clock.now() - this.#state.trying.sinceMs);
    this.#dispatchLost('line-lost', toErrorInfo(connectionLost(link.description)));
  }

  #answered(): void {
    const port = this.#forward?.port;
    if (port === undefined) return;
    this.#dispatch({ type: 'answered', localPort: port, atMs: this.#deps.clock.now() });
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
    if (status === 'failed') this.#parting.closeAll();
    const isTrying = status === 'connecting' || status === 'waiting' || status === 'doubted';
    this.#watches.set({
      probing: isUp && !this.#isSuspended,
      lookOut: (isUp || isTrying) && !this.#isSuspended,
    });
  }

  async #close(): Promise<void> {
    this.#attempts.abandon();
    this.#questions.forget();
    // It may only now be opening.
    const forward = await this.#listening?.catch(() => undefined);
    await forward?.close();
    this.#forward = undefined;
    this.#listening = undefined;
    // An attempt that waits for what this line answers is over with it.
    this.#dropLink();
    this.#parting.closeAll();
    await this.#loose.over();
    this.#dispatch({ type: 'closed', atMs: this.#deps.clock.now() });
  }
}

function connectionLost(description: LinkDescription | undefined): AppError {
  return fail('ssh/connection-lost', { host: description?.host ?? '' });
}
