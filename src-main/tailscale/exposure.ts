import { isDeepStrictEqual } from 'node:util';

import { AppError, describeError, fail, toErrorInfo, type ErrorInfo } from '../contract/errors.ts';
import {
  afterClosing,
  type ExposurePlan,
  type ExposureView,
  type ExposureWish,
  type FunnelEnd,
  type TailnetDevices,
} from '../contract/exposure.ts';
import type { GatewayRunOptions } from '../contract/gateway-host.ts';
import { isStrongSecret } from '../contract/strong-secret.ts';
import { backoff } from '../platform/backoff.ts';
import { Keeper } from '../platform/keeper.ts';
import type { Uptime } from '../platform/ports.ts';
import { ClosingWatch } from './closing-watch.ts';
import { stateOf } from './exposure-state.ts';
import { HeldRoute, type HeldRouteDeps, type OpenWish } from './held-route.ts';
import type { ExposureMemory, RememberedExposure } from './exposure-memory.ts';
import { clearLeftover, type LeftoverDeps } from './leftover.ts';
import { planExposure } from './preflight.ts';
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
  readonly #closing: ClosingWatch;
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
    const { client, clock, uptime, log, random } = deps;
    const onTick = () => void this.#inTurn(() => this.#timePassed());
    this.#closing = new ClosingWatch({ clock, uptime, log, onTick });
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
      state: stateOf(state, { mode: this.#wish.mode, closing: this.#closingMode, sinceMs: this.#sinceMs }),
      ended: this.#ended,
      before: this.#before.mode,
      visitors,
    };
  }

  /** Takes up what a crash has interrupted, else what the configuration asks for. Touches nothing where that is nothing. */
  start(): Promise<void> {
    return this.#inTurn(async () => {
      const remembered = await this.#deps.memory.read();
      if (remembered?.claim !== undefined) await clearLeftover(remembered.claim, this.#deps);
      const interrupted = remembered && { said: remembered.said, wish: await this.#interrupted(remembered) };
      const wish = wishAfter({ type: 'started', said: this.#said, remembered: interrupted });
      await this.#become(wish);
    });
  }

  /** What a crash has interrupted goes on; a Funnel until its time and no longer. */
  async #interrupted({ wish, before, closing }: RememberedExposure): Promise<ExposureWish> {
    this.#before = before;
    if (wish.untilMs === undefined) return wish;
    const looked = await this.#closing.resume(closing);
    if (looked.status === 'left') return { ...wish, untilMs: looked.untilMs };
    this.#endedBy(looked.end);
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
      const wish = wishAfter({
        type: 'switched',
        to: this.#closing.isOver(request.untilMs) ? closed(request) : request,
      });
      this.#ended = undefined;
      const isOpen = this.#keeper.state.status === 'open';
      // A Funnel that stays open for longer needs nothing but another end.
      if (!(isOpen && isSameRoute(previous, wish))) await this.#switch(wish, previous, asked);
      this.#wish = wish;
      this.#closing.set(wish.untilMs);
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
    void this.#keeper.stop();
    return this.#inTurn(async () => {
      this.#closing.stop();
      await this.#keeper.stop();
      await this.#deps.memory.forget();
    });
  }

  /** Closes what is open, makes the wish the one that counts, and begins to carry it out. */
  async #become(wish: ExposureWish): Promise<void> {
    this.#closingMode = this.#wish.mode;
    await this.#keeper.stop();
    this.#wish = wish;
    this.#sinceMs = this.#deps.clock.now();
    this.#held = undefined;
    if (this.#isStopped) return;
    this.#closing.set(wish.untilMs);
    await this.#remember();
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
    const closing = this.#wish.untilMs === undefined ? undefined : await this.#closing.noted();
    await memory.write({ wish: this.#wish, closing, before: this.#before, said: this.#said, claim: this.#held });
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

  /** Closes on time, and shows a time at which it really closes. */
  async #timePassed(): Promise<void> {
    const looked = this.#closing.look();
    if (this.#isStopped || this.#wish.untilMs === undefined || looked === undefined) return;
    if (looked.status === 'over') {
      this.#endedBy(looked.end);
      return this.#become(closingTo(this.#wish, this.#before));
    }
    this.#wish = { ...this.#wish, untilMs: looked.untilMs };
    this.#closing.set(looked.untilMs);
    if (looked.isDue) await this.#remember();
    if (looked.isMoved) this.#changed();
  }

  #endedBy(end: FunnelEnd): void {
    this.#ended = end;
    this.#deps.log.info('a Funnel closes by itself', { end });
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
}

function saidOf({ tailscale: { mode, port, given } }: Gateway): Said {
  return { mode, port, given };
}

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
