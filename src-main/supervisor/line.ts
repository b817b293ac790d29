import type { Forward } from '../contract/tunnel.ts';
import type { GatewayClient } from '../gateway-client/gateway-client.ts';
import type { Clock } from '../platform/ports.ts';
import { watchForWake } from '../platform/wake-watch.ts';
import type { Link } from '../ssh/link.ts';
import type { LineFacts, LineIdentity } from './line-facts.ts';
import type { Path, SignInControl } from './path.ts';

export interface LineDeps {
  readonly identity: LineIdentity;
  readonly createPath: (onChange: () => void) => Path;
  readonly createClient: (endpoint: () => Endpoint, onChange: () => void) => GatewayClient;
  readonly clock: Clock;
  readonly onChange: () => void;
}

/** Where a gateway answers, and the one certificate it may show. */
export interface Endpoint {
  readonly url: string;
  readonly tlsFingerprint: string | undefined;
}

/** One gateway as seen from here: the path to it and the one client on that path, started and stopped together. */
export class Line {
  readonly identity: LineIdentity;
  readonly #deps: LineDeps;
  readonly #path: Path;
  readonly #client: GatewayClient;
  #wantedSinceMs: number | undefined;
  #suspended = false;
  #stopWakeWatch: (() => void) | undefined;
  #url: string | undefined;

  constructor(deps: LineDeps) {
    this.#deps = deps;
    this.identity = deps.identity;
    this.#path = deps.createPath(() => this.#pathChanged());
    this.#client = deps.createClient(
      () => ({ url: this.#url ?? '', tlsFingerprint: this.#path.tlsFingerprint }),
      () => deps.onChange(),
    );
  }

  get wanted(): boolean {
    return this.#wantedSinceMs !== undefined;
  }

  /** Its SSH connection, while there is one; not to be closed. */
  get link(): Link | undefined {
    return this.#path.link;
  }

  /** SHA-256 of the one certificate that may be shown there. */
  get tlsFingerprint(): string | undefined {
    return this.#path.tlsFingerprint;
  }

  /** False where the line has to be made anew for that. */
  async setForwards(forwards: readonly Forward[]): Promise<boolean> {
    return (await this.#path.setForwards?.(forwards)) === true;
  }

  /** The gateway is about to get another secret, which is known here. */
  renew(): void {
    this.#client.renew();
  }

  /** Starts what is down and tries at once what waits. */
  start(): void {
    this.#wantedSinceMs ??= this.#deps.clock.now();
    this.#suspended = false;
    // The client would only notice at its next poll.
    this.#stopWakeWatch ??= watchForWake(this.#deps.clock, () => this.#wake());
    if (this.#path.state.status === 'ready') this.#client.start();
    else this.#path.start();
    this.#deps.onChange();
  }

  /** Resolves when nothing of the line is left. */
  async stop(): Promise<void> {
    this.#wantedSinceMs = undefined;
    this.#stopWakeWatch?.();
    this.#stopWakeWatch = undefined;
    this.#deps.onChange();
    await this.#client.stop();
    await this.#path.stop();
    this.#url = undefined;
    this.#deps.onChange();
  }

  get signIn(): SignInControl | undefined {
    return this.#path.signIn;
  }

  suspend(): void {
    if (!this.wanted) return;
    this.#suspended = true;
    void this.#client.stop();
    this.#path.suspend();
  }

  resume(): void {
    if (!this.wanted) return;
    this.#suspended = false;
    this.#path.resume();
    if (this.#path.state.status === 'ready') this.#client.start();
  }

  #wake(): void {
    // Only a tunnel can be resumed, and unless it was suspended it watches for itself and knows how long it slept.
    if (this.#suspended) this.resume();
    else if (this.#path.state.status === 'ready') this.#client.start();
  }

  facts(): LineFacts {
    return {
      identity: this.identity,
      wantedSinceMs: this.#wantedSinceMs,
      path: this.#path.state,
      url: this.wanted ? this.#path.url : undefined,
      ssh: this.#path.ssh,
      client: this.#client.state,
      gateway: this.#client.facts,
      samples: this.#client.samples,
      exposure: this.wanted ? this.#path.exposure : undefined,
    };
  }

  #pathChanged(): void {
    const { state } = this.#path;
    if (this.wanted && !this.#suspended && state.status === 'ready') {
      if (this.#url !== state.url || this.#client.state.status === 'stopped') this.#connect(state.url);
    } else if (this.#client.state.status !== 'stopped') {
      void this.#client.stop();
    }
    this.#deps.onChange();
  }

  #connect(url: string): void {
    // What is open leads to where the gateway no longer is.
    if (this.#url !== undefined && this.#url !== url) void this.#client.stop();
    this.#url = url;
    this.#client.start();
  }
}
