import { isDeepStrictEqual } from 'node:util';

import { fail, toErrorInfo, type AppError } from '../contract/errors.ts';
import type { Clock, Files, Logger, ProgramRunner } from '../platform/ports.ts';
import { supportedAlgorithms, type SshAlgorithms } from './algorithms.ts';
import { explainByLimits } from './config-limits.ts';
import type { Answers } from './answers.ts';
import { ConnectBudget } from './connect-budget.ts';
import { collectCredentials } from './credentials.ts';
import { shakeHands } from './handshake.ts';
import {
  carryOutDecision,
  hostNameOf,
  judgeDecision,
  refuseHostKey,
  type HostKeyDecision,
} from './host-key-decision.ts';
import type { HostKey } from './host-key.ts';
import { readKnownHosts } from './known-hosts-files.ts';
import { lookUpHost, type KnownHost } from './known-hosts.ts';
import type { LinkDescription } from './link.ts';
import { openSocket, type Pace } from './open-socket.ts';
import { resolveHost, type HostOptions, type Machine, type ResolvedHost } from './resolve-host.ts';
import type { SessionTrust } from './session-trust.ts';
import { inWords, SignInHabits } from './sign-in-habits.ts';
import { SshConnection } from './ssh-connection.ts';
import { toSshFailure } from './ssh-failure.ts';
import { wireOf, type Wire } from './wire.ts';

export interface DialOptions extends HostOptions {
  readonly remoteHost: string;
  readonly remotePort: number;
  /** Trusts a key at first sight and adds it to known_hosts. A changed key is never accepted. */
  readonly acceptNewHostKey: boolean;
  /** What a person decided about a key that some host on the way shows. */
  readonly decision?: HostKeyDecision;
  /** Hosts to go through, instead of those that the configuration names. */
  readonly jumps?: readonly string[] | undefined;
  /** Jumps that were needed to get here. */
  readonly depth?: number;
}

/** A configuration that jumps in a circle ends here. */
const MAX_JUMPS = 8;

export interface DialDeps {
  readonly clock: Clock;
  readonly files: Files;
  readonly runner: ProgramRunner;
  readonly log: Logger;
  readonly machine: Machine;
  /** Keys that are trusted until the app ends. */
  readonly sessionTrust?: SessionTrust | undefined;
  /** Names of the named pipes of this computer, on Windows. */
  readonly listPipes?: (() => Promise<readonly string[]>) | undefined;
  /** Passphrases, passwords and codes. Absent: nobody is there to be asked. */
  readonly answers?: Answers | undefined;
  /** Shared by all that connects. Absent: nothing else does. */
  readonly budget?: ConnectBudget | undefined;
}

export interface DialRequest {
  readonly signal: AbortSignal;
  readonly connectTimeoutMs: number;
  readonly pace: Pace;
  /** Asks the SSH configuration again instead of using the last answer. */
  readonly afresh: boolean;
  /** Told as soon as the configuration has spoken, before anything is dialled. */
  readonly onResolved: (description: LinkDescription) => void;
}

/** Makes SSH connections to one host. */
export class Dialer {
  readonly #options: DialOptions;
  readonly #deps: DialDeps;
  readonly #algorithms: SshAlgorithms = supportedAlgorithms();
  readonly #habits = new SignInHabits();
  readonly #budget: ConnectBudget;
  #resolved: ResolvedHost | undefined;
  #hop: { readonly options: DialOptions; readonly dialer: Dialer } | undefined;

  constructor(options: DialOptions, deps: DialDeps) {
    this.#options = options;
    this.#deps = deps;
    this.#budget = deps.budget ?? new ConnectBudget(deps.clock);
  }

  /** @throws AppError any `ssh/*` of the catalogue, or the reason of `signal` */
  async dial(request: DialRequest): Promise<SshConnection> {
    const host = await this.#resolve(request.afresh);
    request.onResolved({ host: host.name, port: host.port, user: host.user, signedInWith: undefined });
    const below = await this.#throughJumps(host, request);
    try {
      return await this.#connect(host, below, request);
    } catch (error) {
      await below?.close();
      throw await explainByLimits(error, host, this.#deps.files);
    }
  }

  /** Connects to the last jump host, with its channels leading to `host`; `undefined` when there is none. */
  async #throughJumps(host: ResolvedHost, request: DialRequest): Promise<SshConnection | undefined> {
    if (host.jumps.length === 0) return undefined;
    const depth = (this.#options.depth ?? 0) + host.jumps.length;
    if (depth > MAX_JUMPS) {
      throw fail('ssh/too-many-jumps', { host: host.name, jumps: depth });
    }
    // The last host to go through is dialled through those before it, so one step is all there is to do here.
    const before = host.jumps.slice(0, -1);
    const last = host.jumps.at(-1) ?? '';
    const options = {
      ...this.#options,
      target: last,
      remoteHost: host.host,
      remotePort: host.port,
      depth,
      // As with `ssh -i`: the choice is about the last host, and the others have keys of their own.
      identityFile: undefined,
      spareIdentityFile: this.#options.identityFile ?? this.#options.spareIdentityFile,
      // The first on the way goes by its own configuration, as with `ssh`.
      jumps: before.length > 0 ? before : undefined,
    };
    return this.#hopBy(options).dial({ ...request, onResolved: () => {} });
  }

  /** The same one while the way is the same: it knows how to sign in there. */
  #hopBy(options: DialOptions): Dialer {
    if (this.#hop === undefined || !isDeepStrictEqual(this.#hop.options, options)) {
      this.#hop = { options, dialer: new Dialer(options, { ...this.#deps, budget: this.#budget }) };
    }
    return this.#hop.dialer;
  }

  async #connect(host: ResolvedHost, below: SshConnection | undefined, request: DialRequest): Promise<SshConnection> {
    const { clock, answers } = this.#deps;
    const known = await readKnown(host, this.#deps);
    const all = await collectCredentials(host, this.#deps, request.signal);
    let recording: Promise<void> | undefined;
    const { client, socket, accepted } = await this.#habits.signIn(all, async (credentials) => {
      await this.#budget.room(host, request.signal);
      const wire = await this.#open(host, below, request);
      const options = {
        host,
        algorithms: this.#algorithms,
        knownTypes: known.types,
        judgeHostKey: (key: HostKey) => this.#judge(key, known, host),
        onHostKeyProven: (key: HostKey) => {
          recording ??= this.#record(key, known, host);
          // Awaited below; a sign-in that fails first must not leave it unheard.
          recording.catch(() => undefined);
        },
        credentials,
        answers,
        clock,
      };
      const signedIn = await this.#budget.charge(host, shakeHands(wire, options, request.signal));
      return { ...signedIn, socket: wire };
    });
    await recording;
    await answers?.accepted(host);
    const { remoteHost, remotePort } = this.#options;
    const remote = { host: remoteHost, port: remotePort };
    const description = { host: host.name, port: host.port, user: host.user, signedInWith: inWords(accepted) };
    return new SshConnection({ client, socket, below, clock, remote, description });
  }

  async #open(
    host: ResolvedHost,
    below: SshConnection | undefined,
    { signal, connectTimeoutMs, pace }: DialRequest,
  ): Promise<Wire> {
    if (below === undefined) return dialSocket(host, connectTimeoutMs, { clock: this.#deps.clock, signal, pace });
    return wireOf(await below.openChannel({ address: '127.0.0.1', port: 0 }), below.localAddress);
  }

  async #resolve(afresh: boolean): Promise<ResolvedHost> {
    if (afresh || !this.#resolved) this.#resolved = await resolveHost(this.#options, this.#deps);
    const { jumps = this.#resolved.jumps } = this.#options;
    return { ...this.#resolved, jumps };
  }

  #judge(key: HostKey, known: KnownHost, host: ResolvedHost): AppError | undefined {
    const { acceptNewHostKey, decision } = this.#options;
    if (decision !== undefined) return judgeDecision(decision, { key, known, host });
    // Where an authority vouches for the host, a bare key at first sight may be somebody else's.
    const isNew = known.judge(key).verdict === 'unknown' && known.authority === undefined;
    const isAccepted = (acceptNewHostKey || host.acceptsNewHostKey) && isNew;
    return isAccepted ? undefined : refuseHostKey(key, known, host.name);
  }

  async #record(key: HostKey, known: KnownHost, host: ResolvedHost): Promise<void> {
    const { decision } = this.#options;
    const recording = carryOutDecision(decision ?? { how: 'always' }, { key, known, host }, this.#deps);
    // As with `ssh`, a known_hosts that cannot be written does not end a connection that is otherwise trusted. A
    // person who decided is told.
    if (decision !== undefined) return recording;
    await recording.catch((error: unknown) => {
      this.#deps.log.warn('host key not recorded', { host: host.name, code: toErrorInfo(error).code });
    });
  }
}

/** Opens the TCP connection. @throws AppError `ssh/host-unreachable`, `ssh/host-unknown` */
export async function dialSocket(
  host: ResolvedHost,
  timeoutMs: number,
  { clock, signal, pace }: { readonly clock: Clock; readonly signal: AbortSignal; readonly pace: Pace },
): Promise<Awaited<ReturnType<typeof openSocket>>> {
  try {
    return await openSocket({ host: host.host, port: host.port, family: host.family, timeoutMs, pace, clock }, signal);
  } catch (error) {
    signal.throwIfAborted();
    throw toSshFailure(error, { ...host, tried: [], greeting: '' });
  }
}

/** What is known of a host on file and in this session. @throws AppError `ssh/known-hosts-unreadable` */
export async function readKnown(
  host: ResolvedHost,
  { files, sessionTrust }: Pick<DialDeps, 'files' | 'sessionTrust'>,
): Promise<KnownHost> {
  const paths = [...host.userKnownHosts, ...host.systemKnownHosts];
  const known = lookUpHost(await readKnownHosts(paths, files), hostNameOf(host));
  return sessionTrust?.over(known, hostNameOf(host)) ?? known;
}
