import type { SignInAnswer } from '../contract/calls.ts';
import type { ErrorInfo } from '../contract/errors.ts';
import type { LocalExposure } from '../contract/exposure.ts';
import type { SignInQuestion } from '../contract/question.ts';
import type { Forward, ForwardState, TunnelProbe, TunnelState } from '../contract/tunnel.ts';
import type { DirectRoute } from '../config/settings-schema.ts';
import { plaintextFault } from '../gateway-client/plaintext.ts';
import type { Clock } from '../platform/ports.ts';
import type { Link } from '../ssh/link.ts';
import type { SignIn } from '../ssh/sign-in.ts';
import type { Tunnel } from '../ssh/tunnel.ts';
import type { LocalGateway } from './local-gateway.ts';
import type { Path, PathState, SignInControl, SshFacts } from './path.ts';

/** The embedded gateway: the path is its process. */
export class LocalPath implements Path {
  readonly ssh = undefined;
  readonly #gateway: LocalGateway;
  readonly #exposure: () => LocalExposure | undefined;

  constructor(gateway: LocalGateway, exposure: () => LocalExposure | undefined) {
    this.#gateway = gateway;
    this.#exposure = exposure;
  }

  get exposure(): LocalExposure | undefined {
    return this.#exposure();
  }

  get state(): PathState {
    const { state } = this.#gateway;
    switch (state.status) {
      case 'stopped':
      case 'closing':
        return { status: 'off' };
      case 'opening':
        return { status: 'connecting', sinceMs: state.sinceMs, attempt: state.attempt };
      case 'open': {
        const { place, attached } = state.session;
        const { url, sinceMs, cause } = place();
        return url === undefined
          ? awaitsAddress(sinceMs, cause)
          : { status: 'ready', sinceMs: state.sinceMs, url, attached };
      }
      case 'waiting':
      case 'failed':
        return state;
    }
  }

  get url(): string | undefined {
    return this.state.status === 'ready' ? this.state.url : undefined;
  }

  get tlsFingerprint(): string | undefined {
    const { state } = this.#gateway;
    return state.status === 'open' ? state.session.place().tlsFingerprint : undefined;
  }

  start(): void {
    this.#gateway.start();
  }

  stop(): Promise<void> {
    return this.#gateway.stop();
  }

  suspend(): void {}

  resume(): void {}
}

/** Its process runs and looks for an address every few seconds; nothing is to be started again. */
function awaitsAddress(
  sinceMs: number,
  cause: ErrorInfo = { code: 'gateway/no-tailnet-address', params: {} },
): PathState {
  return { status: 'waiting', sinceMs, attempt: 1, retryAtMs: sinceMs, cause };
}

export interface SshPathDeps {
  /** The tunnel, told whom to call at a change of state, after a probe and at a change of a further forward. */
  readonly createTunnel: (
    onChange: (state: TunnelState) => void,
    onProbe: (probe: TunnelProbe) => void,
    onForwards: () => void,
  ) => Tunnel;
  /** What the tunnel asks a person; it calls `onChange` as the tunnel does. */
  readonly signIn: SignIn;
  /** Says who holds the local port. */
  readonly explainPort: (port: number) => Promise<ErrorInfo>;
  /** `127.0.0.1:18789` over there. */
  readonly remote: string;
  /** The port here; 0 lets the system choose. */
  readonly localPort: number;
  readonly onChange: () => void;
}

/** A gateway on another computer: the path is a local forward over SSH. */
export class SshPath implements Path, SignInControl {
  readonly #tunnel: Tunnel;
  readonly #signIn: SignIn;
  readonly #remote: string;
  #probe: TunnelProbe | undefined;
  readonly #explainPort: SshPathDeps['explainPort'];
  readonly #onChange: () => void;
  /** Who holds the ports of further forwards, by port; a promise while that is being found out. */
  readonly #holders = new Map<number, ErrorInfo | Promise<void>>();
  #portTaken: ErrorInfo | undefined;
  #lastOutage: Extract<TunnelState, { status: 'waiting' }> | undefined;
  #localPort: number;

  constructor({ createTunnel, signIn, explainPort, remote, localPort, onChange }: SshPathDeps) {
    this.#signIn = signIn;
    this.#remote = remote;
    this.#explainPort = explainPort;
    this.#onChange = onChange;
    this.#localPort = localPort;
    const changed = (state: TunnelState): void => {
      this.#portTaken = undefined;
      this.#remember(state);
      onChange();
      if (this.#signIn.follow(state) === 'redial') return this.#tunnel.retryNow();
      if (state.status !== 'failed' || state.cause.code !== 'gateway/port-taken') return;
      void explainPort(state.cause.params.port).then((info) => {
        if (this.#tunnel.state !== state) return;
        this.#portTaken = info;
        onChange();
      });
    };
    const probed = (probe: TunnelProbe): void => {
      this.#probe = probe;
      onChange();
    };
    this.#tunnel = createTunnel(changed, probed, () => this.#forwardsChanged());
  }

  get state(): PathState {
    const { state } = this.#tunnel;
    const { question } = this.#signIn;
    switch (state.status) {
      case 'stopped':
      case 'stopping':
        return { status: 'off' };
      case 'connected':
        return { status: 'ready', sinceMs: state.sinceMs, url: `ws://127.0.0.1:${state.localPort}`, attached: false };
      case 'failed':
        return question ? asks(question) : { ...state, cause: this.#portTaken ?? state.cause };
      case 'connecting':
        return question ? asks(question) : this.#duringOutage(state);
      case 'waiting':
        return question ? asks(question) : state;
    }
  }

  get signIn(): SignInControl {
    return this;
  }

  async answer(answer: SignInAnswer): Promise<void> {
    // The computer over there has spoken: what comes next is no longer the outage.
    this.#lastOutage = undefined;
    if ((await this.#signIn.answer(answer)) === 'redial') this.#tunnel.retryNow();
  }

  decline(questionId: string): void {
    this.#signIn.decline(questionId);
  }

  forget(): Promise<void> {
    return this.#signIn.forget();
  }

  get url(): string | undefined {
    const { status } = this.#tunnel.state;
    const listens = status === 'connected' || status === 'connecting' || status === 'waiting';
    return listens && this.#localPort !== 0 ? `ws://127.0.0.1:${this.#localPort}` : undefined;
  }

  get ssh(): SshFacts {
    const { description, held } = this.#tunnel;
    return {
      server: description && `${description.host}:${description.port}`,
      signedInWith: description?.signedInWith,
      remote: this.#remote,
      probe: this.#probe,
      held,
      forwards: this.#tunnel.forwards.map((forward) => this.#explained(forward)),
    };
  }

  get link(): Link | undefined {
    return this.#tunnel.link;
  }

  setForwards(forwards: readonly Forward[]): Promise<boolean> {
    return this.#tunnel.setForwards(forwards);
  }

  #explained(forward: ForwardState): ForwardState {
    const holder = forward.status === 'failed' ? this.#holders.get(forward.localPort) : undefined;
    return holder === undefined || holder instanceof Promise
      ? forward
      : { ...forward, status: 'failed', cause: holder };
  }

  #forwardsChanged(): void {
    for (const forward of this.#tunnel.forwards) {
      const port = forward.localPort;
      const isTaken = forward.status === 'failed' && forward.cause.code === 'gateway/port-taken';
      if (!isTaken) this.#holders.delete(port);
      else if (!this.#holders.has(port)) this.#holders.set(port, this.#findHolder(port));
    }
    this.#onChange();
  }

  async #findHolder(port: number): Promise<void> {
    const info = await this.#explainPort(port);
    // The port may have come free meanwhile.
    if (!this.#holders.has(port)) return;
    this.#holders.set(port, info);
    this.#onChange();
  }

  #remember(state: TunnelState): void {
    if (state.status === 'waiting') this.#lastOutage = state;
    else if (state.status !== 'connecting') this.#lastOutage = undefined;
    if (state.status === 'connected') this.#localPort = state.localPort;
  }

  /** Attempts follow each other several times a second; what is being waited for, and why, stays in view. */
  #duringOutage(state: Extract<TunnelState, { status: 'connecting' }>): PathState {
    const { attempt, sinceMs } = state;
    if (this.#lastOutage?.sinceMs !== sinceMs) return state;
    return { ...this.#lastOutage, attempt };
  }

  start(): void {
    this.#signIn.personActed();
    if (this.#tunnel.state.status === 'stopped' || this.#tunnel.state.status === 'stopping') this.#tunnel.start();
    else this.#tunnel.retryNow();
  }

  async stop(): Promise<void> {
    const stopped = this.#tunnel.stop();
    this.#signIn.withdraw();
    await stopped;
  }

  suspend(): void {
    this.#tunnel.suspend();
  }

  resume(): void {
    this.#tunnel.resume();
  }
}

function asks(question: SignInQuestion): PathState {
  return { status: 'asks', sinceMs: question.askedAtMs, question };
}

/** A gateway reached at its own address: there is nothing in between that is ours. */
export class DirectPath implements Path {
  readonly ssh = undefined;
  readonly tlsFingerprint: string | undefined;
  readonly #url: string;
  readonly #trustedNetwork: boolean | undefined;
  readonly #clock: Clock;
  readonly #onChange: () => void;
  #sinceMs: number | undefined;

  constructor({ url, tlsFingerprint, trustedNetwork }: Omit<DirectRoute, 'kind'>, clock: Clock, onChange: () => void) {
    this.#url = url;
    this.#trustedNetwork = trustedNetwork;
    this.tlsFingerprint = tlsFingerprint;
    this.#clock = clock;
    this.#onChange = onChange;
  }

  get state(): PathState {
    if (this.#sinceMs === undefined) return { status: 'off' };
    const fault = plaintextFault(new URL(this.#url), this.#trustedNetwork === true);
    if (fault !== undefined) {
      const cause = { code: 'gateway/insecure-url', params: { url: this.#url, isPublic: fault === 'public' } } as const;
      return { status: 'failed', sinceMs: this.#sinceMs, cause };
    }
    return { status: 'ready', sinceMs: this.#sinceMs, url: this.#url, attached: false };
  }

  get url(): string {
    return this.#url;
  }

  start(): void {
    this.#sinceMs ??= this.#clock.now();
    this.#onChange();
  }

  async stop(): Promise<void> {
    this.#sinceMs = undefined;
  }

  suspend(): void {}

  resume(): void {}
}
