import { fail, toErrorInfo, type AppError } from '../contract/errors.ts';
import type { Clock, Files, Logger, ProgramRunner } from '../platform/ports.ts';
import { supportedAlgorithms, type SshAlgorithms } from './algorithms.ts';
import { collectCredentials } from './credentials.ts';
import { shakeHands } from './handshake.ts';
import { fingerprint, type HostKey } from './host-key.ts';
import { appendKnownHost, readKnownHosts } from './known-hosts-files.ts';
import { lookUpHost, type HostName, type KnownHost } from './known-hosts.ts';
import type { LinkDescription } from './link.ts';
import { openSocket } from './open-socket.ts';
import { resolveHost, type HostOptions, type Machine, type ResolvedHost } from './resolve-host.ts';
import { SshConnection } from './ssh-connection.ts';
import { toSshFailure } from './ssh-failure.ts';

export interface DialOptions extends HostOptions {
  readonly remoteHost: string;
  readonly remotePort: number;
  /** Trusts a key at first sight and adds it to known_hosts. A changed key is never accepted. */
  readonly acceptNewHostKey: boolean;
}

export interface DialDeps {
  readonly clock: Clock;
  readonly files: Files;
  readonly runner: ProgramRunner;
  readonly log: Logger;
  readonly machine: Machine;
}

export interface DialRequest {
  readonly signal: AbortSignal;
  readonly connectTimeoutMs: number;
  /** Somebody is likely to be waiting: see `SocketOptions`. */
  readonly isEager: boolean;
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
  #resolved: ResolvedHost | undefined;

  constructor(options: DialOptions, deps: DialDeps) {
    this.#options = options;
    this.#deps = deps;
  }

  /** @throws AppError any `ssh/*` of the catalogue, or the reason of `signal` */
  async dial({ signal, connectTimeoutMs, isEager, afresh, onResolved }: DialRequest): Promise<SshConnection> {
    const { clock } = this.#deps;
    const host = await this.#resolve(afresh);
    const described = { host: host.name, port: host.port, user: host.user };
    onResolved({ ...described, signedInWith: undefined });
    const known = await readKnown(host, this.#deps.files);
    const credentials = await collectCredentials(host, this.#deps, signal);
    const socket = await dialSocket(host, connectTimeoutMs, { clock, signal, isEager });
    let recording: Promise<void> = Promise.resolve();
    const { client, signedInWith } = await shakeHands(
      socket,
      {
        host,
        algorithms: this.#algorithms,
        knownTypes: known.types,
        judgeHostKey: (key) => this.#judge(key, known, host),
        onHostKeyProven: (key) => {
          recording = this.#record(key, known, host);
        },
        credentials,
        clock,
      },
      signal,
    );
    await recording;
    const { remoteHost, remotePort } = this.#options;
    const remote = { host: remoteHost, port: remotePort };
    return new SshConnection({ client, socket, clock, remote, description: { ...described, signedInWith } });
  }

  async #resolve(afresh: boolean): Promise<ResolvedHost> {
    if (afresh || !this.#resolved) this.#resolved = await resolveHost(this.#options, this.#deps);
    return this.#resolved;
  }

  #judge(key: HostKey, known: KnownHost, host: ResolvedHost): AppError | undefined {
    const isUnknown = known.judge(key).verdict === 'unknown';
    return isUnknown && this.#options.acceptNewHostKey ? undefined : refuseHostKey(key, known, host.name);
  }

  // As with `ssh`, a known_hosts that cannot be written does not end a connection that is otherwise trusted.
  async #record(key: HostKey, known: KnownHost, host: ResolvedHost): Promise<void> {
    if (known.judge(key).verdict === 'known') return;
    const [file] = host.userKnownHosts;
    await appendKnownHost(file, { name: hostNameOf(host), key }, this.#deps.files).catch((error: unknown) => {
      this.#deps.log.warn('host key not recorded', { host: host.name, code: toErrorInfo(error).code });
    });
  }
}

/** Opens the TCP connection. @throws AppError `ssh/host-unreachable`, `ssh/host-unknown` */
export async function dialSocket(
  host: ResolvedHost,
  timeoutMs: number,
  { clock, signal, isEager }: { readonly clock: Clock; readonly signal: AbortSignal; readonly isEager: boolean },
): Promise<Awaited<ReturnType<typeof openSocket>>> {
  try {
    return await openSocket({ host: host.host, port: host.port, timeoutMs, isEager, clock }, signal);
  } catch (error) {
    signal.throwIfAborted();
    throw toSshFailure(error, { ...host, tried: [], greeting: '' });
  }
}

export function hostNameOf({ host, port, hostKeyAlias }: ResolvedHost): HostName {
  return { host, port, alias: hostKeyAlias };
}

/** @throws AppError `ssh/known-hosts-unreadable` */
export async function readKnown(host: ResolvedHost, files: Files): Promise<KnownHost> {
  const paths = [...host.userKnownHosts, ...host.systemKnownHosts];
  return lookUpHost(await readKnownHosts(paths, files), hostNameOf(host));
}

/** Why a shown key may not be used; `undefined` when it is the known one. */
export function refuseHostKey(key: HostKey, known: KnownHost, host: string): AppError | undefined {
  const shown = { host, keyType: key.type, fingerprint: fingerprint(key.blob) };
  const judged = known.judge(key);
  switch (judged.verdict) {
    case 'known':
      return undefined;
    case 'unknown':
      return fail('ssh/host-key-unknown', shown);
    case 'revoked':
      return fail('ssh/host-key-revoked', { host, fingerprint: shown.fingerprint });
    case 'changed': {
      const { knownFingerprint, file, line } = judged;
      return fail('ssh/host-key-changed', { ...shown, knownFingerprint, file, line });
    }
  }
}
