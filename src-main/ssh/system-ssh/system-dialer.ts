import { join } from 'node:path';

import { AppError, fail } from '../../contract/errors.ts';
import type { Clock, Companion, CompanionStarter, Files } from '../../platform/ports.ts';
import { ConnectBudget } from '../connect-budget.ts';
import type { DialOptions, DialRequest } from '../dialer.ts';
import { hostNameOf } from '../host-key-decision.ts';
import { fingerprint, parseHostKey } from '../host-key.ts';
import type { RemoteAddress } from '../remote-address.ts';
import { chosenPath, describeHost, type ResolveDeps, type ResolvedHost } from '../resolve-host.ts';
import type { SessionTrust } from '../session-trust.ts';
import type { SshConfig } from '../ssh-config.ts';
import { createInlet, type Inlet } from './inlets.ts';
import { withoutForwards } from './own-config.ts';
import { signIn } from './sign-in.ts';
import { forwardWords, sshArguments } from './ssh-arguments.ts';
import type { ChannelEvent } from './ssh-log.ts';
import { SystemConnection } from './system-connection.ts';

export interface SystemDialOptions extends Omit<DialOptions, 'acceptFingerprint' | 'jumps' | 'depth'> {
  /** Remote addresses that are to be reached beside the first. */
  readonly alsoReach: readonly RemoteAddress[];
}

export interface SystemDialDeps extends ResolveDeps {
  readonly clock: Clock;
  readonly companions: CompanionStarter;
  readonly sessionTrust?: SessionTrust | undefined;
  /** Shared by all that connects. Absent: nothing else does. */
  readonly budget?: ConnectBudget | undefined;
}

interface Opened {
  readonly remote: RemoteAddress;
  readonly inlet: Inlet;
}

/** Makes SSH connections to one host with the `ssh` of the system: for all that our own engine cannot do. */
export class SystemSshDialer {
  readonly #options: SystemDialOptions;
  readonly #deps: SystemDialDeps;
  readonly #budget: ConnectBudget;

  constructor(options: SystemDialOptions, deps: SystemDialDeps) {
    this.#options = options;
    this.#deps = deps;
    this.#budget = deps.budget ?? new ConnectBudget(deps.clock);
  }

  /** @throws AppError any `ssh/*` of the catalogue, or the reason of `signal` */
  async dial(request: DialRequest): Promise<SystemConnection> {
    const { clock, log } = this.#deps;
    const { host, config } = await describeHost(this.#options, this.#deps);
    if (!config.found) throw fail('ssh/system-ssh-unusable', { problem: 'there is no program “ssh”' });
    const { name, port, user } = host;
    request.onResolved({ host: name, port, user, signedInWith: undefined });
    await this.#budget.room(host, request.signal);
    const { companion, opened } = await this.#start({ host, config }, request);
    let connection: SystemConnection | undefined;
    try {
      const site = { name, host: host.host, port, user };
      const onChannelEvent = (event: ChannelEvent): void => connection?.onChannelEvent(event);
      const signingIn = signIn({ companion, site, clock, log, onChannelEvent }, request.signal);
      const signedInWith = await this.#budget.charge(host, signingIn);
      const description = { host: name, port, user, signedInWith };
      connection = new SystemConnection({ companion, description, inlets: opened, clock });
      return connection;
    } catch (error) {
      throw await withKnownFingerprint(error, host, this.#deps.files);
    }
  }

  async #start(
    { host, config }: { readonly host: ResolvedHost; readonly config: SshConfig },
    { connectTimeoutMs }: DialRequest,
  ): Promise<{ readonly companion: Companion; readonly opened: readonly Opened[] }> {
    const { machine, companions, files } = this.#deps;
    const { target, identityFile, sshConfigFile, acceptNewHostKey } = this.#options;
    const chosen = (path: string | undefined): string | undefined => chosenPath(path, machine);
    const opened: Opened[] = [];
    const companion = await companions.start('ssh', async (folder) => {
      const own = withoutForwards(config);
      if (own !== undefined) await files.writeAtomic(join(folder, 'config'), own);
      for (const [index, remote] of this.#remotes().entries()) {
        opened.push({ remote, inlet: await createInlet(folder, `f${index}`, machine.platform) });
      }
      return sshArguments({
        target,
        identityFile: chosen(identityFile),
        knownHostsFiles: await this.#knownHosts(host, folder),
        configFile: own === undefined ? chosen(sshConfigFile) : './config',
        hostKeys: acceptNewHostKey || host.acceptsNewHostKey ? 'accept-new' : 'strict',
        forwards: opened.map(({ remote, inlet }) => forwardWords(inlet.listen, remote)),
        connectTimeoutMs,
      });
    });
    return { companion, opened };
  }

  /** Those of the configuration, unless a person chose one, or trusts a key for this session that is in none. */
  async #knownHosts(host: ResolvedHost, folder: string): Promise<readonly string[]> {
    const { files, machine, sessionTrust } = this.#deps;
    const trusted = sessionTrust?.lineFor(hostNameOf(host));
    const chosen = chosenPath(this.#options.knownHostsFile, machine);
    if (trusted === undefined) return chosen === undefined ? [] : [chosen];
    await files.writeAtomic(join(folder, 'known_hosts'), trusted);
    // A new key goes into the first, so that stays first.
    return [...host.userKnownHosts, './known_hosts'];
  }

  /** The first one is what it is all about; each address once. */
  #remotes(): readonly RemoteAddress[] {
    const { remoteHost, remotePort, alsoReach } = this.#options;
    const all = [{ host: remoteHost, port: remotePort }, ...alsoReach];
    return all.filter(
      ({ host, port }, index) => all.findIndex((other) => other.host === host && other.port === port) === index,
    );
  }
}

/** `ssh` names the line of the key that was known, not the key. */
async function withKnownFingerprint(failure: unknown, host: ResolvedHost, files: Files): Promise<unknown> {
  if (!(failure instanceof AppError) || failure.info.code !== 'ssh/host-key-changed') return failure;
  const { params } = failure.info;
  const file = params.file === '' ? host.userKnownHosts[0] : params.file;
  const text = await files.read(file).catch(() => undefined);
  const line = text?.split('\n')[(params.line ?? 0) - 1];
  const blob = line === undefined ? undefined : keyOf(line);
  const knownFingerprint = blob === undefined ? 'the one on file' : fingerprint(blob);
  return fail('ssh/host-key-changed', { ...params, file, knownFingerprint }, failure);
}

/** The key of a line of known_hosts: it names its own type, which stands before it. */
function keyOf(line: string): Buffer | undefined {
  const fields = line.trim().split(/\s+/);
  const at = fields.findIndex((type, index) => parseHostKey(blobOf(fields[index + 1]))?.type === type);
  return at === -1 ? undefined : blobOf(fields[at + 1]);
}

const blobOf = (field = ''): Buffer => Buffer.from(field, 'base64');
