import { isDeepStrictEqual } from 'node:util';

import type { CallHandlers, NewPassword } from '../contract/calls.ts';
import { fail, toErrorInfo, type ErrorInfo } from '../contract/errors.ts';
import {
  FUNNEL_EXTENSION_MS,
  FUNNEL_TIME,
  type ExposureMode,
  type ExposureRequest,
  type ExposureUndo,
  type ExposureWish,
  type LocalExposure,
} from '../contract/exposure.ts';
import type { UndoableChange } from '../config/undoable-change.ts';
import type { Clock } from '../platform/ports.ts';
import { generatePassword } from '../secrets/generate-password.ts';
import type { LocalGateway } from './local-gateway.ts';

/** The running gateway as far as the switch uses it. */
export type ExposedGateway = Pick<LocalGateway, 'exposure' | 'plan' | 'devices' | 'expose' | 'nextAccess'>;

export interface ExposureSwitchDeps {
  readonly gateway: () => ExposedGateway | undefined;
  /** The configuration of the gateway. */
  readonly config: {
    change(patch: object): Promise<UndoableChange>;
    /** `since`: what the gateway may have written itself, to keep a mode beyond its run. */
    undo(change: UndoableChange & { readonly since: Record<string, unknown> }): Promise<void>;
  };
  /** Puts text on the clipboard of the person; absent where nobody sits at this computer. */
  readonly copy: ((text: string) => Promise<void>) | undefined;
  /** Keeps a secret out of every log, from now on. */
  readonly keepSecret: (secret: string) => void;
  /** Starts the gateway again, for what counts from its start only. */
  readonly restart: () => Promise<void>;
  /** Told before the gateway gets another secret, which ends our own session with it. */
  readonly renew: () => void;
  readonly clock: Clock;
  readonly onChange: () => void;
  /** A wish was not carried out. */
  readonly onRefused: (mode: ExposureMode, cause: ErrorInfo) => void;
}

/** What the last change can be taken back to. One level: what is older was agreed to by changing it again. */
interface Before {
  readonly wish: ExposureWish;
  readonly config: UndoableChange | undefined;
  /** What was changed counts from the start of the gateway only. */
  readonly restarts?: boolean;
}

/** Opens and closes the gateway of this computer for others, and remembers how to take the last change back. */
export class ExposureSwitch {
  readonly #deps: ExposureSwitchDeps;
  #before: Before | undefined;

  constructor(deps: ExposureSwitchDeps) {
    this.#deps = deps;
  }

  /** What is shown; absent while no gateway of ours runs. */
  get view(): LocalExposure | undefined {
    const facts = this.#deps.gateway()?.exposure;
    return facts && { ...facts.view, access: facts.access, undo: this.#undo(facts.view.wish) };
  }

  get handlers() {
    return {
      'exposure.plan': async (request) => this.#running().plan(this.#toWish(request)),
      'exposure.devices': async () => this.#running().devices(),
      'exposure.apply': (request) => this.#apply(request),
      'exposure.retry': async () => this.#expose(this.#wish()),
      'exposure.extend': () => this.#extend(),
      'exposure.undo': () => this.#takeBack(),
      'exposure.set-password': (input) => this.#setPassword(input),
      'exposure.listen-here': () => this.#listenHere(),
    } satisfies Partial<CallHandlers>;
  }

  async #apply(request: ExposureRequest): Promise<void> {
    const before = this.#wish();
    const wish = this.#toWish(request);
    await this.#expose(wish);
    if (isSameRoute(before, wish)) return;
    // A password that was set for this is taken back together with it.
    const isForThis = this.#before !== undefined && isDeepStrictEqual(this.#before.wish, before);
    this.#remember(isForThis ? this.#before : { wish: before, config: undefined });
  }

  async #extend(): Promise<void> {
    const wish = this.#wish();
    if (wish.mode !== 'funnel' || wish.untilMs === undefined) {
      throw fail('app/input-invalid', { call: 'exposure.extend', problem: 'No Funnel is open that closes by itself' });
    }
    const latestMs = this.#deps.clock.now() + FUNNEL_TIME.maxMs;
    await this.#expose({ ...wish, untilMs: Math.min(wish.untilMs + FUNNEL_EXTENSION_MS, latestMs) });
  }

  async #setPassword(input: NewPassword): Promise<void> {
    const { config, keepSecret } = this.#deps;
    const password = input.how === 'typed' ? input.password : generatePassword();
    keepSecret(password);
    // Handed over before it counts: a password that nobody has would lock everybody out.
    if (input.how === 'generated') await this.#copy(password);
    const wish = this.#deps.gateway()?.exposure?.view.wish;
    await this.#untilTaken(
      async () => {
        const change = await config.change({ gateway: { auth: { mode: 'password', password } } });
        if (wish !== undefined) this.#remember({ wish, config: change });
      },
      (auth) => auth === 'password',
    );
  }

  /** A route can only lead to a gateway that nothing but this computer reaches itself. */
  async #listenHere(): Promise<void> {
    const wish = this.#wish();
    const config = await this.#deps.config.change({ gateway: { bind: 'loopback' } });
    this.#remember({ wish, config, restarts: true });
    await this.#deps.restart();
  }

  #copy(password: string): Promise<void> {
    const { copy } = this.#deps;
    if (copy === undefined) throw fail('app/not-here', { call: 'exposure.set-password' });
    return copy(password);
  }

  async #takeBack(): Promise<void> {
    const before = this.#before;
    if (before === undefined) {
      throw fail('app/input-invalid', { call: 'exposure.undo', problem: 'There is nothing to go back to' });
    }
    const wish = this.#stillPossible(before.wish);
    // Closed first: what is open must never ask for less than when it was opened.
    if (this.#deps.gateway()?.exposure !== undefined && !isSameRoute(this.#wish(), wish)) await this.#expose(wish);
    this.#remember(undefined);
    const { config, restarts = false } = before;
    if (config === undefined) return;
    const { mode, port } = wish;
    const undo = () => this.#deps.config.undo({ ...config, since: { gateway: { tailscale: { mode, port } } } });
    if (!restarts) return this.#untilTaken(undo);
    await undo();
    await this.#deps.restart();
  }

  /** Changes the configuration, and waits until the gateway has read it, where one runs. */
  async #untilTaken(
    change: () => Promise<void>,
    isEnough: (auth: LocalExposure['access']['auth']) => boolean = () => true,
  ): Promise<void> {
    const gateway = this.#deps.gateway();
    if (gateway?.exposure === undefined) return change();
    let taken = gateway.nextAccess();
    // Nobody waits for it any more when the change fails.
    taken.catch(() => undefined);
    this.#deps.renew();
    await change();
    while (!isEnough((await taken).auth)) taken = gateway.nextAccess();
  }

  async #expose(wish: ExposureWish): Promise<void> {
    try {
      await this.#running().expose(wish);
    } catch (error) {
      this.#deps.onRefused(wish.mode, toErrorInfo(error));
      throw error;
    }
  }

  #remember(before: Before | undefined): void {
    this.#before = before;
    this.#deps.onChange();
  }

  #undo(now: ExposureWish): ExposureUndo | undefined {
    if (this.#before === undefined) return undefined;
    const { mode } = this.#stillPossible(this.#before.wish);
    const restoresConfig = this.#before.config !== undefined;
    return restoresConfig || mode !== now.mode ? { mode, restoresConfig } : undefined;
  }

  /** A Funnel whose time is over meanwhile stays closed. */
  #stillPossible(wish: ExposureWish): ExposureWish {
    const isOver = wish.untilMs !== undefined && wish.untilMs <= this.#deps.clock.now();
    return isOver ? { ...wish, mode: 'off', untilMs: undefined } : wish;
  }

  #toWish({ mode, port, forMs }: ExposureRequest): ExposureWish {
    const untilMs = forMs === undefined ? undefined : this.#deps.clock.now() + forMs;
    return { mode, port: port ?? this.#wish().port, untilMs };
  }

  #wish(): ExposureWish {
    return this.#running().exposure?.view.wish ?? { mode: 'off', port: 443, untilMs: undefined };
  }

  #running(): ExposedGateway {
    const gateway = this.#deps.gateway();
    if (gateway === undefined) throw fail('tailscale/no-gateway', { attached: false });
    return gateway;
  }
}

function isSameRoute(one: ExposureWish, other: ExposureWish): boolean {
  return one.mode === other.mode && (one.mode === 'off' || one.port === other.port);
}
