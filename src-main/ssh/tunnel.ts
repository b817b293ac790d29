import type { Forward, ForwardState, TunnelProbe, TunnelState } from '../contract/tunnel.ts';
import type { Clock, Files, Logger, ProgramRunner } from '../platform/ports.ts';
import { Dialer, type DialDeps, type DialRequest } from './dialer.ts';
import { ForwardSet } from './forward-set.ts';
import type { Link, LinkDescription } from './link.ts';
import type { Machine } from './resolve-host.ts';
import { createRetryPolicy, type RetryPolicy } from './retry-policy.ts';
import type { SessionTrust } from './session-trust.ts';
import { TunnelDriver } from './tunnel-driver.ts';

export interface TunnelOptions {
  /** `user@host[:port]`, `[v6]:port` or an alias of ssh_config. */
  readonly target: string;
  readonly remotePort: number;
  /** As the SSH server sees it; usually `127.0.0.1`. */
  readonly remoteHost: string;
  /** 0 lets the system choose. */
  readonly localPort: number;
  readonly identityFile: string | undefined;
  readonly knownHostsFile: string | undefined;
  readonly sshConfigFile: string | undefined;
  /** Trusts a key at first sight. A changed key is never accepted. */
  readonly acceptNewHostKey: boolean;
  /** Ports beside the main one, on the same line. */
  readonly forwards?: readonly Forward[];
}

export interface TunnelDeps extends Pick<DialDeps, 'answers' | 'listPipes' | 'budget'> {
  readonly clock: Clock;
  readonly files: Files;
  readonly runner: ProgramRunner;
  readonly log: Logger;
  readonly machine: Machine;
  /** Keys that are trusted until the app ends. */
  readonly sessionTrust?: SessionTrust;
  /** The addresses of this computer, to notice another network. */
  readonly readAddresses: () => readonly string[];
  /** 0 ≤ random() < 1. */
  readonly random: () => number;
  readonly onChange: (state: TunnelState) => void;
  readonly onProbe: (probe: TunnelProbe) => void;
  /** One of the forwards beside the main one has changed. */
  readonly onForwards?: () => void;
  /** Makes the connections, instead of our own engine. */
  readonly dial?: (request: DialRequest) => Promise<Link>;
  /** Attempts begin this far apart at least, milliseconds; for connections that are dear to make. */
  readonly minRetryMs?: number;
}

/**
 * One SSH connection with a local port that leads to one remote port, kept up for as long as it is wanted. The
 * state is `connected` only once the remote port has accepted a connection.
 */
export class Tunnel {
  readonly #driver: TunnelDriver;
  readonly #fixedForwards: boolean;
  #wished: readonly Forward[];
  #forwards: ForwardSet | undefined;

  constructor(options: TunnelOptions, deps: TunnelDeps) {
    const { clock, log, random, readAddresses, onChange, onProbe } = deps;
    this.#wished = options.forwards ?? [];
    this.#fixedForwards = deps.dial !== undefined;
    const onForwards = (): void => deps.onForwards?.();
    const dial = deps.dial ?? dialWith(new Dialer(options, deps));
    this.#driver = new TunnelDriver({
      dial,
      listen: async (onTrouble) => {
        const { localPort: port } = options;
        let further = this.#wished;
        const set = await ForwardSet.open({ port, further, clock, log, onTrouble, onChange: onForwards });
        // Others may have been wished for meanwhile. Only then is the set known to `setForwards`: no two changes at once.
        while (further !== this.#wished) await set.change((further = this.#wished));
        this.#forwards = set;
        return set;
      },
      policy: noSoonerThan(deps.minRetryMs ?? 0, createRetryPolicy(random)),
      minHeadStartMs: deps.minRetryMs ?? 0,
      isAsking: () => deps.answers?.isAsking ?? false,
      readAddresses,
      clock,
      log,
      onChange,
      onProbe,
    });
  }

  get state(): TunnelState {
    return this.#driver.state;
  }

  /** Local connections that wait for the line. */
  get held(): number {
    return this.#driver.held;
  }

  /** Those beside the main one, in the order in which they were asked for. */
  get forwards(): readonly ForwardState[] {
    return this.#forwards?.states ?? this.#wished.map((forward) => ({ ...forward, status: 'waiting' }));
  }

  /**
   * Takes up other ports beside the main one, on the line that is there. Resolves with false, and changes nothing, where
   * connections are made by a program that is told its ports at its start.
   */
  async setForwards(forwards: readonly Forward[]): Promise<boolean> {
    if (this.#fixedForwards) return false;
    this.#wished = forwards;
    await this.#forwards?.change(forwards);
    return true;
  }

  /** Who signs in where, as soon as the configuration has told; and with which key, once that is known. */
  get description(): LinkDescription | undefined {
    return this.#driver.description;
  }

  /** The SSH connection, while there is one; not to be closed. */
  get link(): Link | undefined {
    return this.#driver.link;
  }

  start(): void {
    this.#driver.start();
  }

  /** Tries at once with the backoff begun afresh, or checks a line that is up. */
  retryNow(): void {
    this.#driver.retryNow();
  }

  /** For sleep: ends all timers and attempts, and leaves a line that is up to its fate. */
  suspend(): void {
    this.#driver.suspend();
  }

  /** For waking up: checks the line at once and replaces it if it does not answer. */
  resume(): void {
    this.#driver.resume();
  }

  probeNow(): Promise<TunnelProbe> {
    return this.#driver.probeNow();
  }

  /** Resolves when no listener, connection or timer is left. */
  stop(): Promise<void> {
    return this.#driver.stop();
  }
}

const dialWith =
  (dialer: Dialer) =>
  (request: DialRequest): Promise<Link> =>
    dialer.dial(request);

/** A line that was well until now is still dialled at once. */
function noSoonerThan(minMs: number, policy: RetryPolicy): RetryPolicy {
  return (cause, trying) => {
    const delayMs = policy(cause, trying);
    return delayMs === undefined || delayMs === 0 ? delayMs : Math.max(minMs, delayMs);
  };
}
