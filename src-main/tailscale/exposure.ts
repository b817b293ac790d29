import { isDeepStrictEqual } from 'node:util';

import { AppError, describeError, fail, toErrorInfo, type ErrorInfo } from '../contract/errors.ts';
import {
  afterClosing,
  type ExposurePlan,
  type ExposureState,
  type ExposureView,
  type ExposureWish,
  type FunnelEnd,
  type TailnetDevices,
} from '../contract/exposure.ts';
import type { GatewayRunOptions } from '../contract/gateway-host.ts';
import { isStrongSecret } from '../contract/strong-secret.ts';
import { backoff } from '../platform/backoff.ts';
import { Keeper, type KeeperState } from '../platform/keeper.ts';
import type { Uptime } from '../platform/ports.ts';
import { closingAt, remaining, seenAgain, seenFrom, type ClosingTime, type Moment } from './closing-time.ts';
import { HeldRoute, type HeldRouteDeps, type OpenWish } from './held-route.ts';
import type { ExposureMemory, RememberedExposure } from './exposure-memory.ts';
import { endLeftover, type ClaimSigns, type LeftoverDeps } from './leftover.ts';
import { planExposure } from './preflight.ts';
import { isServed } from './serve-config.ts';
import { DeviceCount } from './tailnet-devices.ts';
import { modeOf, wishAfter, type Said } from './wish-rule.ts';

export interface ExposureDeps extends Omit<HeldRouteDeps, 'onClaiming' | 'onLooked' | 'gateway'> {
  readonly memory: ExposureMemory;
  readonly leftover: LeftoverDeps;
  readonly random: () => number;
  readonly uptime: Uptime;
  /** Writes a switch into the configuration, where it is to outlast the run. */
  readonly keep: (wish: ExposureWish) => Promise<void>;
  readonly onChange: (view: ExposureView) => void;
}

type Gateway = Pick<GatewayRunOptions, 'bind' | 'auth' | 'tailscale'>;

/** Timers stand still while the computer sleeps: the clocks are looked at this often at least. */
const MAX_TIMER_MS = 5_000;
/** How much is left is written down this often, for a crash after which the clock is wrong. */
const NOTE_INTERVAL_MS = 60_000;
/** The daemon closes a route in milliseconds after its program. */
const CLEARED_LOOK_MS = 100;
const CLEARED_LOOKS = 30;

/**
 * Opens one gateway to the tailnet or the internet and closes it again. What is wanted is a wish, what is so was read
 * back; a fault of Tailscale is a state here and never anybody else's.
 */
export class Exposure {
  readonly #deps: ExposureDeps;
  readonly #keeper: Keeper<HeldRoute>;
  #gateway: Gateway;
  #wish: ExposureWish;
  #before: ExposureWish;
  #said: Said;
  #closingMode: ExposureWish['mode'] = 'off';
  #sinceMs: number;
  readonly #devices: DeviceCount;
  #turn: Promise<unknown> = Promise.resolve();
  #cancelTimer = (): void => {};
  /** Of the last wish with an end. Kept when that is switched away from: going back to it adds nothing. */
  #closing: ClosingTime | undefined;
  #notedMs = 0;
  #ended: FunnelEnd | undefined;
  #isStopped = false;
  /** Counts what was asked for. */
  #asked = 0;
  /** The program that holds the route, for after a crash. */
  #held: RememberedExposure['claim'];
  readonly #settled: (() => void)[] = [];

  constructor(gateway: Gateway, deps: ExposureDeps) {
    this.#deps = deps;
    this.#gateway = gateway;
    this.#said = saidOf(gateway);
    this.#wish = { mode: 'off', port: gateway.tailscale.port, untilMs: undefined };
    this.#before = this.#wish;
    this.#sinceMs = deps.clock.now();
    const { client, clock, log, random } = deps;
    this.#devices = new DeviceCount({ read: () => client.devices(), clock, log });
    this.#keeper = new Keeper<HeldRoute>({
      name: 'exposure',
      open: (signal) => HeldRoute.open(this.#wish as OpenWish, this.#routeDeps, signal),
      policy: backoff({ firstMs: 1_000, maxMs: 30_000, random }),
      clock,
      log,
      onChange: () => this.#changed(),
    });
  }

  get view(): ExposureView {
    const { state } = this.#keeper;
    const visitors = state.status === 'open' ? state.session.visitors : [];
    return {
      wish: this.#wish,
      state: this.#stateOf(state),
      ended: this.#ended,
      before: this.#before.mode,
      visitors,
    };
  }

  /** Takes up what a crash has interrupted, else what the configuration asks for. Touches nothing where that is nothing. */
  start(): Promise<void> {
    return this.#inTurn(async () => {
      const remembered = await this.#deps.memory.read();
      if (remembered?.claim !== undefined) await this.#clear(remembered.claim);
      const interrupted = remembered && { said: remembered.said, wish: await this.#interrupted(remembered) };
      const wish = wishAfter({ type: 'started', said: this.#said, remembered: interrupted });
      await this.#become(wish);
    });
  }

  /** Ends what a crash has left open, and waits for the daemon to notice: its port would be called taken otherwise. */
  async #clear(claim: ClaimSigns): Promise<void> {
    const { client, clock, leftover } = this.#deps;
    if ((await endLeftover(claim, leftover)) !== 'ended') return;
    for (let look = 0; look < CLEARED_LOOKS; look += 1) {
      const config = await client.serveConfig().catch(() => undefined);
      if (config === undefined || !isServed(config, claim.target)) return;
      await new Promise<void>((resolve) => void clock.after(CLEARED_LOOK_MS, resolve));
    }
  }

  /** What a crash has interrupted goes on; a Funnel until its time and no longer. */
  async #interrupted({ wish, before, closing }: RememberedExposure): Promise<ExposureWish> {
    this.#before = before;
    if (wish.untilMs === undefined) return wish;
    const now = this.#now();
    const boot = await this.#deps.uptime.bootId();
    this.#closing = closing && seenAgain(closing, { ...now, boot });
    const { leftMs, end } = this.#closing ? remaining(this.#closing, now) : NOBODY_KNOWS;
    if (this.#closing !== undefined && leftMs > 0) return { ...wish, untilMs: this.#closing.untilMs };
    this.#endedBy(end);
    return before;
  }

  /** Says what a wish would need and change, and changes nothing. */
  plan(wish: ExposureWish): Promise<ExposurePlan> {
    const { client, asker } = this.#deps;
    const { state } = this.#keeper;
    const now = state.status === 'open' ? { ...state.session.wish, target: state.session.target } : undefined;
    return planExposure(client, { wish, gateway: this.#gateway, asker, now });
  }

  /** How many devices there are to reach it; `undefined` where that is not known. Asks nobody unless it is open to them. */
  async devices(): Promise<TailnetDevices | undefined> {
    const isServed = this.#wish.mode === 'serve' && this.#keeper.state.status === 'open';
    return isServed || this.#gateway.bind === 'tailnet' ? this.#devices.now() : undefined;
  }

  /**
   * Carries a wish out, or leaves everything as it was.
   *
   * @throws AppError the first fault of the plan, before anything was changed; `tailscale/put-back` when it did not work
   */
  expose(request: ExposureWish): Promise<void> {
    this.#asked += 1;
    const asked = this.#asked;
    // Closing waits for nobody: what is being opened meanwhile is given up.
    if (request.mode === 'off') void this.#keeper.stop();
    return this.#inTurn(async () => {
      const previous = this.#wish;
      const wish = wishAfter({ type: 'switched', to: this.#isOver(request) ? closed(request) : request });
      this.#ended = undefined;
      const isOpen = this.#keeper.state.status === 'open';
      // A Funnel that stays open for longer needs nothing but another end.
      if (!(isOpen && isSameRoute(previous, wish))) await this.#switch(wish, previous, asked);
      this.#wish = wish;
      this.#closing = this.#closingOf(wish);
      this.#setTimer();
      await this.#remember();
      // What ends by itself is for this run alone.
      if (!this.#gateway.tailscale.resetOnExit && wish.untilMs === undefined) await this.#keep(wish, previous);
      this.#changed();
    });
  }

  async #switch(wish: ExposureWish, previous: ExposureWish, asked: number): Promise<void> {
    const fault = (await this.plan(wish)).checks.find((check) => check.fault !== undefined)?.fault;
    if (fault !== undefined) throw new AppError(fault);
    if (wish.mode === 'funnel' && previous.mode !== 'funnel') this.#before = previous;
    await this.#become(wish);
    const cause = wish.mode === 'off' ? undefined : await this.#firstCause();
    if (cause === undefined) return;
    // Who asked for something else meanwhile is next, and wants nothing put back.
    if (asked !== this.#asked || this.#isStopped) throw new AppError(cause);
    await this.#putBack(previous, cause);
  }

  /** What cannot be written down would be another thing after the next start. */
  async #keep(wish: ExposureWish, previous: ExposureWish): Promise<void> {
    try {
      await this.#deps.keep(wish);
      // The change of the file that comes of it is no new wish.
      this.#said = { ...this.#said, mode: wish.mode, port: wish.port };
      await this.#remember();
    } catch (error) {
      await this.#putBack(previous, toErrorInfo(error));
    }
  }

  /**
   * Takes over a changed configuration, before the gateway does: what it opened with a strong password is closed before
   * it asks for less.
   */
  reload(gateway: Gateway): Promise<void> {
    return this.#inTurn(async () => {
      const said = saidOf(gateway);
      const asked = wishAfter({ type: 'edited', before: this.#said, after: said, now: this.#wish });
      this.#said = said;
      this.#gateway = gateway;
      const { auth } = gateway;
      const isTooWeak = this.#wish.mode === 'funnel' && !(auth.mode === 'password' && isStrongSecret(auth.password));
      const wish: ExposureWish =
        isTooWeak && asked.mode === 'funnel' ? { ...asked, mode: 'off', untilMs: undefined } : asked;
      if (!isDeepStrictEqual(wish, this.#wish)) await this.#become(wish);
    });
  }

  /** Gives the route back. Resolves when nothing is open and no program of ours runs. */
  stop(): Promise<void> {
    this.#isStopped = true;
    this.#cancelTimer();
    void this.#keeper.stop();
    return this.#inTurn(async () => {
      await this.#keeper.stop();
      await this.#deps.memory.forget();
    });
  }

  /** Closes what is open, makes the wish the one that counts, and begins to carry it out. */
  async #become(wish: ExposureWish): Promise<void> {
    this.#closingMode = this.#wish.mode;
    await this.#keeper.stop();
    this.#wish = wish;
    this.#closing = this.#closingOf(wish);
    this.#sinceMs = this.#deps.clock.now();
    this.#held = undefined;
    if (this.#isStopped) return;
    await this.#remember();
    this.#setTimer();
    if (wish.mode === 'off') this.#changed();
    else this.#keeper.start();
  }

  async #putBack(previous: ExposureWish, cause: ErrorInfo): Promise<never> {
    await this.#become(previous);
    throw fail('tailscale/put-back', { mode: previous.mode, cause: describeError(cause).body });
  }

  /** Why the first attempt did not work; `undefined` when it did. */
  async #firstCause(): Promise<ErrorInfo | undefined> {
    for (;;) {
      const { state } = this.#keeper;
      if (state.status === 'open') return state.session.proveAnswer().then(() => undefined, toErrorInfo);
      if (state.status === 'waiting' || state.status === 'failed') return state.cause;
      if (state.status !== 'opening') return { code: 'tailscale/claim-lost', params: {} };
      await new Promise<void>((resolve) => this.#settled.push(resolve));
    }
  }

  async #remember(): Promise<void> {
    const { memory } = this.#deps;
    // What a person has closed stays closed after a crash, whatever the configuration asks for.
    if (this.#wish.mode === 'off' && modeOf(this.#said) === 'off') return memory.forget();
    const remembered = { before: this.#before, said: this.#said, claim: this.#held };
    await memory.write({ wish: this.#wish, closing: await this.#noted(), ...remembered });
  }

  async #noted(): Promise<RememberedExposure['closing']> {
    if (this.#wish.untilMs === undefined || this.#closing === undefined) return undefined;
    const boot = await this.#deps.uptime.bootId();
    const now = this.#now();
    this.#notedMs = now.upMs;
    return { ...seenFrom(this.#closing, now), at: { ...now, boot } };
  }

  get #routeDeps(): HeldRouteDeps {
    return {
      ...this.#deps,
      gateway: () => this.#gateway,
      onClaiming: async (claim) => {
        this.#held = claim;
        await this.#remember();
      },
      onLooked: () => this.#changed(),
    };
  }

  #setTimer(): void {
    this.#cancelTimer();
    if (this.#wish.untilMs === undefined || this.#closing === undefined) return;
    const { leftMs } = remaining(this.#closing, this.#now());
    const delayMs = Math.max(0, Math.min(leftMs, MAX_TIMER_MS));
    this.#cancelTimer = this.#deps.clock.after(delayMs, () => void this.#inTurn(() => this.#timePassed()));
  }

  /** Closes on time, and shows a time at which it really closes. */
  async #timePassed(): Promise<void> {
    const { untilMs } = this.#wish;
    if (this.#isStopped || untilMs === undefined || this.#closing === undefined) return;
    const now = this.#now();
    const { leftMs, end } = remaining(this.#closing, now);
    if (leftMs <= 0) {
      this.#endedBy(end);
      return this.#become(closingTo(this.#wish, this.#before));
    }
    this.#closing = seenFrom(this.#closing, now);
    const isMoved = this.#closing.untilMs !== untilMs;
    this.#wish = { ...this.#wish, untilMs: this.#closing.untilMs };
    this.#setTimer();
    if (isMoved || now.upMs - this.#notedMs >= NOTE_INTERVAL_MS) await this.#remember();
    if (!isMoved) return;
    this.#deps.log.warn('the clock was set back: the Funnel closes after the time that was meant', { leftMs });
    this.#changed();
  }

  #endedBy(end: FunnelEnd): void {
    this.#ended = end;
    this.#deps.log.info('a Funnel closes by itself', { end });
  }

  #now(): Moment {
    return { wallMs: this.#deps.clock.now(), upMs: this.#deps.uptime.upMs() };
  }

  #closingOf({ untilMs }: ExposureWish): ClosingTime | undefined {
    if (untilMs === undefined || untilMs === this.#closing?.untilMs) return this.#closing;
    return closingAt(untilMs, this.#now());
  }

  #isOver(wish: ExposureWish): boolean {
    const closing = this.#closingOf(wish);
    return wish.untilMs !== undefined && closing !== undefined && remaining(closing, this.#now()).leftMs <= 0;
  }

  #inTurn(task: () => Promise<void>): Promise<void> {
    const done = this.#turn.then(task);
    this.#turn = done.catch(() => undefined);
    return done;
  }

  #changed(): void {
    for (const settle of this.#settled.splice(0)) settle();
    this.#deps.onChange(this.view);
  }

  #stateOf(state: KeeperState<HeldRoute>): ExposureState {
    const { mode } = this.#wish;
    if (state.status === 'closing') return { status: 'closing', mode: this.#closingMode, sinceMs: this.#sinceMs };
    if (state.status === 'stopped' || mode === 'off') return { status: 'off' };
    switch (state.status) {
      case 'opening':
        return { status: 'opening', mode, sinceMs: state.sinceMs };
      case 'open': {
        const { url, checkedAtMs, answeredAtMs } = state.session;
        return { status: 'active', mode, sinceMs: state.sinceMs, url, checkedAtMs, answeredAtMs };
      }
      case 'waiting':
        return { ...state, mode };
      case 'failed':
        return { ...state, mode };
    }
  }
}

function saidOf({ tailscale: { mode, port, given } }: Gateway): Said {
  return { mode, port, given };
}

/** Of a Funnel that was remembered without how much was left of it. */
const NOBODY_KNOWS = { leftMs: 0, end: 'clock-unsure' } as const;

function closed(wish: ExposureWish): ExposureWish {
  return { ...wish, mode: 'off', untilMs: undefined };
}

function isSameRoute(one: ExposureWish, other: ExposureWish): boolean {
  return one.mode === other.mode && one.port === other.port;
}

/** What a wish becomes once it is over. */
function closingTo(wish: ExposureWish, before: ExposureWish): ExposureWish {
  if (wish.untilMs === undefined) return wish;
  return afterClosing({ wish, before: before.mode }) === 'serve' ? before : closed(wish);
}
