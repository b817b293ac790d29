import { GatewayProtocolRequestError } from '@openclaw/gateway-client/browser';

import type { ErrorInfo } from '../contract/errors.ts';
import type { GatewayFacts, Sample } from '../contract/snapshot.ts';
import { backoff } from '../platform/backoff.ts';
import { Keeper, type KeeperState, type RetryPolicy } from '../platform/keeper.ts';
import type { Clock, Logger } from '../platform/ports.ts';
import { ApprovalWatch, withEarlierRequest } from './approval-watch.ts';
import type { GatewaySession } from './gateway-session.ts';
import { readPresence } from './hello-facts.ts';

/** What the one client of a gateway is doing. */
export type ClientState = KeeperState<GatewaySession>;

export interface GatewayClientDeps {
  /** Opens one session; see `openGatewaySession`. */
  readonly open: (signal: AbortSignal, onEvent: (event: string, payload: unknown) => void) => Promise<GatewaySession>;
  readonly clock: Clock;
  readonly log: Logger;
  readonly random: () => number;
  /** Called after every change of state, facts or samples. */
  readonly onChange: () => void;
}

const POLL_MS = 10_000;
const POLL_LIMIT_MS = 4_000;
const MISSES_UNTIL_LOST = 2;
/** 15 minutes of polls. */
const KEPT_SAMPLES = 90;

/** So long a session may be on its way from one secret to the next before that is shown. */
const RENEWAL_MS = 5_000;

/** From one secret to the next. */
interface Renewal {
  /** What is shown meanwhile. */
  readonly shown: ClientState & { readonly status: 'open' };
  readonly end: () => void;
}

/** The one connection of this app to one gateway: kept open, measured by a real call, shared by everything that asks. */
export class GatewayClient {
  readonly #deps: GatewayClientDeps;
  readonly #keeper: Keeper<GatewaySession>;
  #facts: GatewayFacts | undefined;
  #samples: readonly Sample[] = [];
  #session: GatewaySession | undefined;
  #misses = 0;
  #disarm: (() => void) | undefined;
  #polling = false;
  #renewal: Renewal | undefined;
  readonly #approval: ApprovalWatch;
  /** Why the gateway let us in no more, until it does again or a person acts. */
  #lastRefusal: ErrorInfo | undefined;

  constructor(deps: GatewayClientDeps) {
    this.#deps = deps;
    this.#keeper = new Keeper<GatewaySession>({
      name: 'gateway client',
      open: (signal) => this.#open(signal),
      policy: clientPolicy(deps, () => this.#renewal !== undefined),
      clock: deps.clock,
      log: deps.log,
      onChange: (state) => this.#changed(state),
    });
    this.#approval = new ApprovalWatch({
      open: (signal) => deps.open(signal, () => {}),
      clock: deps.clock,
      log: deps.log,
      onAnswer: () => this.#keeper.start(),
    });
  }

  async #open(signal: AbortSignal): Promise<GatewaySession> {
    try {
      return await this.#deps.open(signal, (event, payload) => this.#heard(event, payload));
    } catch (error) {
      throw withEarlierRequest(error, this.#lastRefusal);
    }
  }

  get state(): ClientState {
    const { state } = this.#keeper;
    const isOnItsWay = state.status === 'open' || state.status === 'opening' || state.status === 'waiting';
    return this.#renewal !== undefined && isOnItsWay ? this.#renewal.shown : state;
  }

  /** What the gateway last said about itself; kept while the line is down. */
  get facts(): GatewayFacts | undefined {
    return this.#facts;
  }

  get samples(): readonly Sample[] {
    return this.#samples;
  }

  /** Connects, or tries at once when it waits; measures at once when it is connected. */
  start(): void {
    this.#lastRefusal = undefined;
    if (this.#keeper.state.status === 'open') void this.#poll(this.#keeper.state.session);
    else this.#keeper.start();
  }

  async stop(): Promise<void> {
    this.#endRenewal();
    await this.#keeper.stop();
    await this.#approval.stop();
  }

  /**
   * To be called before the gateway is given another secret, which this app knows: the session that it ends for that is
   * opened again at once, and until the new one has answered nothing is shown as lost.
   */
  renew(): void {
    const { state } = this.#keeper;
    if (state.status !== 'open') return;
    this.#endRenewal();
    this.#renewal = { shown: state, end: this.#deps.clock.after(RENEWAL_MS, () => this.#endRenewal()) };
  }

  #endRenewal(): void {
    if (this.#renewal === undefined) return;
    this.#renewal.end();
    this.#renewal = undefined;
    this.#deps.onChange();
  }

  #changed(state: ClientState): void {
    if (state.status !== 'open') this.#disarm?.();
    else if (state.session !== this.#session) this.#greeted(state.session);
    if (state.status === 'failed') {
      this.#endRenewal();
      this.#lastRefusal = state.cause;
    }
    this.#approval.follow(state.status === 'failed' ? state.cause : undefined);
    if (state.status === 'failed' || (state.status === 'waiting' && this.#renewal === undefined))
      this.#sample(undefined);
    this.#deps.onChange();
  }

  #greeted(session: GatewaySession): void {
    this.#session = session;
    this.#misses = 0;
    this.#facts = session.hello;
    void this.#poll(session);
  }

  #heard(event: string, payload: unknown): void {
    const presence = event === 'presence' ? readPresence(payload) : undefined;
    if (presence === undefined || this.#facts === undefined) return;
    this.#facts = { ...this.#facts, presence };
    this.#deps.onChange();
  }

  /** One round trip through everything: the call that `openclaw health` makes. */
  async #poll(session: GatewaySession): Promise<void> {
    if (this.#polling) return;
    this.#polling = true;
    this.#disarm?.();
    const { clock, log } = this.#deps;
    const sentAtMs = performance.now();
    const answered = await session.request('health', undefined, POLL_LIMIT_MS).then(
      () => true,
      (error: unknown) => {
        log.warn('no good answer to health', { error });
        // Refused, as where this device may read nothing: the way there and back is well.
        return error instanceof GatewayProtocolRequestError;
      },
    );
    this.#polling = false;
    if (this.#keeper.state.status !== 'open' || this.#keeper.state.session !== session) return;
    this.#sample(answered ? performance.now() - sentAtMs : undefined);
    if (session !== this.#renewal?.shown.session) this.#endRenewal();
    this.#misses = answered ? 0 : this.#misses + 1;
    if (this.#misses >= MISSES_UNTIL_LOST) return session.giveUp();
    this.#disarm = clock.after(this.#misses === 0 ? POLL_MS : 0, () => void this.#poll(session));
    this.#deps.onChange();
  }

  #sample(ms: number | undefined): void {
    this.#samples = [...this.#samples, { atMs: this.#deps.clock.now(), ms }].slice(-KEPT_SAMPLES);
  }
}

/** Quick at first, easing to 30 s; a lockout is waited out to its end plus a second. */
function clientPolicy(
  { clock, random }: Pick<GatewayClientDeps, 'clock' | 'random'>,
  isRenewed: () => boolean,
): RetryPolicy {
  const usual = backoff({ firstMs: 500, maxMs: 30_000, random });
  return (cause: ErrorInfo, outage) => {
    if (isRenewed() && outage.attempt === 0) return 0;
    if (cause.code === 'gateway/rate-limited') return Math.max(1_000, cause.params.retryAtMs + 1_000 - clock.now());
    return usual(cause, outage);
  };
}
