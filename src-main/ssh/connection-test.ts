import { lookup } from 'node:dns/promises';
import type { Socket } from 'node:net';

import { fail, toErrorInfo, type ErrorCode } from '../contract/errors.ts';
import type { CompanionStarter } from '../platform/ports.ts';
import { StepRun, type StepResult } from '../platform/step-run.ts';
import { supportedAlgorithms } from './algorithms.ts';
import { ConnectBudget } from './connect-budget.ts';
import { collectCredentials, type Credentials } from './credentials.ts';
import type { EngineOptions } from './create-tunnel.ts';
import { Dialer, dialSocket, readKnown, type DialDeps, type DialRequest } from './dialer.ts';
import { shakeHands } from './handshake.ts';
import { refuseHostKey } from './host-key-decision.ts';
import { fingerprint, type HostKey } from './host-key.ts';
import type { KnownHost } from './known-hosts.ts';
import type { Link } from './link.ts';
import { resolveHost, type ResolvedHost } from './resolve-host.ts';
import { inWords, SignInHabits } from './sign-in-habits.ts';
import { SshConnection } from './ssh-connection.ts';
import { toSshFailure } from './ssh-failure.ts';
import { SystemSshDialer } from './system-ssh/system-dialer.ts';

export const SSH_STEPS = ['dns', 'tcp', 'host-key', 'authentication', 'forward'] as const;

export type SshStep = (typeof SSH_STEPS)[number];

export type SshTestDeps = DialDeps & { readonly companions: CompanionStarter };

export interface SshTestRun {
  /** Told of every step as it ends, in the order of `SSH_STEPS`. */
  readonly onStep: (result: StepResult<SshStep>) => void;
  /** Runs with the line while it is up, when all steps went well. It is closed afterwards. */
  readonly through: (link: Link) => Promise<void>;
  readonly signal: AbortSignal;
}

const STEP_TIMEOUT_MS = 10_000;

/**
 * Goes the way of a tunnel once and tells how far it gets. Trusts no new host key, whatever `options` say, writes
 * nothing, opens no local port and leaves no connection behind.
 * @throws the reason of `signal`, or what `through` throws; a step that fails is told, not thrown
 */
export async function testSsh(options: EngineOptions, deps: SshTestDeps, run: SshTestRun): Promise<void> {
  await new SshTest({ ...options, acceptNewHostKey: false }, deps, run).run();
}

const STEP_OF: Readonly<Partial<Record<ErrorCode, SshStep>>> = {
  'ssh/host-unreachable': 'tcp',
  'ssh/proxy-failed': 'tcp',
  'ssh/no-common-algorithm': 'host-key',
  'ssh/handshake-failed': 'host-key',
  'ssh/known-hosts-unreadable': 'host-key',
  'ssh/host-key-unknown': 'host-key',
  'ssh/host-key-changed': 'host-key',
  'ssh/host-key-revoked': 'host-key',
  'ssh/host-key-in-system-file': 'host-key',
  'ssh/no-credentials': 'authentication',
  'ssh/identity-unreadable': 'authentication',
  'ssh/auth-rejected': 'authentication',
  'ssh/answer-needed': 'authentication',
  'ssh/agent-silent': 'authentication',
  'ssh/password-expired': 'authentication',
  'ssh/forward-refused': 'forward',
  'ssh/forward-prohibited': 'forward',
  'ssh/connection-lost': 'forward',
};

/** The step at which a dial ended that was made in one go. What is wrong before the first packet counts as `dns`. */
export function stepOfFailure(code: ErrorCode): SshStep {
  return STEP_OF[code] ?? 'dns';
}

class SshTest {
  readonly #options: EngineOptions;
  readonly #deps: SshTestDeps;
  readonly #run: SshTestRun;
  readonly #steps: StepRun<SshStep>;
  readonly #budget: ConnectBudget;
  /** Made by the step before the sign-in, and not yet used. */
  #opened: Socket | undefined;
  #isHostKeyProven = false;

  constructor(options: EngineOptions, deps: SshTestDeps, run: SshTestRun) {
    this.#options = options;
    this.#deps = deps;
    this.#run = run;
    this.#steps = new StepRun(SSH_STEPS, run.onStep);
    this.#budget = deps.budget ?? new ConnectBudget(deps.clock);
  }

  async run(): Promise<void> {
    let link: Link | undefined;
    try {
      link = await this.#dial();
      await this.#forward(link);
    } catch (error) {
      await link?.close();
      this.#run.signal.throwIfAborted();
      return this.#steps.failed(error);
    }
    try {
      await this.#run.through(link);
    } finally {
      await link.close();
    }
  }

  async #dial(): Promise<Link> {
    this.#run.signal.throwIfAborted();
    if (this.#options.engine === 'system-ssh') {
      return this.#inOneGo(new SystemSshDialer({ ...this.#options, alsoReach: [] }, this.#deps), 'by the system’s ssh');
    }
    const host = await resolveHost(this.#options, this.#deps);
    if (host.jumps.length === 0) return this.#directly(host);
    return this.#inOneGo(new Dialer(this.#options, this.#deps), `through ${host.jumps.join(', ')}`);
  }

  /** What is dialled as a whole tells by the code of its failure which step it was. */
  async #inOneGo(dialer: { dial(request: DialRequest): Promise<Link> }, way: string): Promise<Link> {
    const { signal } = this.#run;
    const request = {
      signal,
      connectTimeoutMs: STEP_TIMEOUT_MS,
      pace: 'kernel' as const,
      afresh: true,
      onResolved: () => {},
    };
    try {
      const link = await dialer.dial(request);
      this.#steps.passedUntil('forward', way);
      return link;
    } catch (error) {
      this.#steps.passedUntil(stepOfFailure(toErrorInfo(error).code), way);
      throw error;
    }
  }

  async #directly(host: ResolvedHost): Promise<Link> {
    this.#steps.passed(await this.#lookUp(host));
    this.#opened = await this.#open(host);
    try {
      this.#steps.passed(`${host.host}:${host.port}`);
      return await this.#signIn(host);
    } finally {
      this.#opened?.destroy();
    }
  }

  /** @throws AppError `ssh/host-unknown` */
  async #lookUp(host: ResolvedHost): Promise<string> {
    const { promise: deadline, reject } = Promise.withResolvers<never>();
    const stopTimer = this.#deps.clock.after(STEP_TIMEOUT_MS, () =>
      reject(fail('ssh/host-unknown', { host: host.host })),
    );
    try {
      const found = await Promise.race([lookup(host.host, { all: true }), deadline]);
      const addresses = found.map(({ address }) => address).join(', ');
      return addresses === host.host ? addresses : `${host.host} is ${addresses}`;
    } catch (error) {
      throw toErrorInfo(error).code === 'ssh/host-unknown'
        ? error
        : toSshFailure(error, { ...host, tried: [], greeting: '' });
    } finally {
      stopTimer();
    }
  }

  async #open(host: ResolvedHost): Promise<Socket> {
    await this.#budget.room(host, this.#run.signal);
    return dialSocket(host, STEP_TIMEOUT_MS, { clock: this.#deps.clock, signal: this.#run.signal, pace: 'kernel' });
  }

  /** A key file that cannot be used is told after the host key, which needs none. */
  async #signIn(host: ResolvedHost): Promise<Link> {
    const known = await readKnown(host, this.#deps);
    const { credentials, problem } = await this.#credentials(host);
    const connect = (shown: Credentials | undefined) => this.#connect(host, known, shown);
    const { client, socket, accepted } = await (credentials
      ? new SignInHabits().signIn(credentials, connect)
      : connect(undefined));
    if (problem !== undefined) {
      client.destroy();
      throw problem;
    }
    const signedInWith = inWords(accepted);
    this.#steps.passed(
      signedInWith === undefined ? `${host.user}, without a key` : `${host.user} with ${signedInWith}`,
    );
    const { remoteHost, remotePort } = this.#options;
    const remote = { host: remoteHost, port: remotePort };
    const description = { host: host.name, port: host.port, user: host.user, signedInWith };
    return new SshConnection({ client, socket, below: undefined, clock: this.#deps.clock, remote, description });
  }

  async #connect(host: ResolvedHost, known: KnownHost, credentials: Credentials | undefined) {
    const { clock, answers } = this.#deps;
    const socket = this.#opened ?? (await this.#open(host));
    this.#opened = undefined;
    const options = {
      host,
      algorithms: supportedAlgorithms(),
      knownTypes: known.types,
      judgeHostKey: (key: HostKey) => refuseHostKey(key, known, host.name),
      onHostKeyProven: (key: HostKey) => this.#passedHostKey(key),
      credentials,
      answers,
      clock,
    };
    return { ...(await this.#budget.charge(host, shakeHands(socket, options, this.#run.signal))), socket };
  }

  /** A second connection of the same step shows it again. */
  #passedHostKey({ type, blob }: HostKey): void {
    if (!this.#isHostKeyProven) this.#steps.passed(`${type} ${fingerprint(blob)}`);
    this.#isHostKeyProven = true;
  }

  async #credentials(
    host: ResolvedHost,
  ): Promise<{ readonly credentials: Credentials | undefined; readonly problem: unknown }> {
    try {
      return { credentials: await collectCredentials(host, this.#deps, this.#run.signal), problem: undefined };
    } catch (problem) {
      return { credentials: undefined, problem };
    }
  }

  async #forward(link: Link): Promise<void> {
    const { remoteHost, remotePort } = this.#options;
    const { problem, forwardMs } = await link.probe(STEP_TIMEOUT_MS);
    if (problem !== undefined) throw problem;
    if (forwardMs === undefined) throw fail('ssh/connection-lost', { host: link.description.host });
    this.#steps.passed(`${remoteHost}:${remotePort} over there`);
  }
}
