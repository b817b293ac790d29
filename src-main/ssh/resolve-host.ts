import { devNull } from 'node:os';

import type { Files, Logger, ProgramRunner } from '../platform/ports.ts';
import { leftOut, refuseUnsupported, type LeftOut } from './config-limits.ts';
import { identityAgent } from './identity-agent.ts';
import { expandHome, expandPath, type TokenValues } from './percent-tokens.ts';
import { readSshConfig } from './read-ssh-config.ts';
import type { SshConfig } from './ssh-config.ts';
import { parseTarget, type SshTarget } from './ssh-target.ts';

/** As SSH itself calls them. @see RFC 4252 */
export type SignInMethod = 'publickey' | 'keyboard-interactive' | 'password';

/** This computer and its user, as far as SSH asks about them. */
export interface Machine {
  readonly homeDir: string;
  readonly userName: string;
  /** `SSH_AUTH_SOCK`, when it is set. */
  readonly agentSocket: string | undefined;
  readonly platform: NodeJS.Platform;
  /** Its name, as `%l` of ssh_config(5). */
  readonly computer?: string;
  /** Number of the user, where users have one. */
  readonly userId?: number | undefined;
  /** The environment, for `${NAME}` in paths. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** Everything that is known about a connection before a packet is sent. All paths are absolute. */
export interface ResolvedHost {
  /** The name as it was given: what a person recognises. */
  readonly name: string;
  /** The name or address that is dialled. */
  readonly host: string;
  readonly port: number;
  /** `AddressFamily`; `undefined`: any. */
  readonly family?: 4 | 6 | undefined;
  readonly user: string;
  readonly hostKeyAlias: string | undefined;
  /** Targets to go through, the nearest first. */
  readonly jumps: readonly string[];
  /** Never empty; a new key is added to the first. The null device is for `none`. */
  readonly userKnownHosts: readonly [string, ...string[]];
  /** `HashKnownHosts`: names are not spelled out in a new line, even where the file spells out others. */
  readonly hashesKnownHosts?: boolean;
  readonly systemKnownHosts: readonly string[];
  /** In the order of preference; not all of them exist. */
  readonly identityFiles: readonly string[];
  /** The person chose this very key, so it must work. */
  readonly identityChosen: boolean;
  /** The agent may only sign with keys of `identityFiles`. */
  readonly identitiesOnly: boolean;
  /** Ways of signing in that the configuration switches off; none where it says nothing. */
  readonly ruledOut?: readonly SignInMethod[];
  readonly agentSocket: string | undefined;
  /** `StrictHostKeyChecking accept-new`. Its other values change nothing: keys are always checked strictly. */
  readonly acceptsNewHostKey: boolean;
  readonly leftOut: readonly LeftOut[];
}

export interface HostOptions {
  readonly target: string;
  readonly identityFile: string | undefined;
  /** Of a host on the way: the key that was chosen for the last one, tried behind this one's own. */
  readonly spareIdentityFile?: string | undefined;
  readonly knownHostsFile: string | undefined;
  readonly sshConfigFile: string | undefined;
}

export interface ResolveDeps {
  readonly files: Files;
  readonly runner: ProgramRunner;
  readonly log: Logger;
  readonly machine: Machine;
}

const DEFAULT_IDENTITIES = ['~/.ssh/id_ed25519', '~/.ssh/id_ecdsa', '~/.ssh/id_rsa'];

/**
 * Asks the installed `ssh` what its configuration says about the target; without `ssh`, our own reader.
 * @throws AppError `ssh/target-invalid`, `ssh/config-unreadable`, `ssh/option-unsupported`
 */
export async function resolveHost(options: HostOptions, deps: ResolveDeps): Promise<ResolvedHost> {
  const { host, config } = await describeHost(options, deps);
  refuseUnsupported(host.name, config);
  return host;
}

/**
 * The same, whether our own engine can follow it or not.
 * @throws AppError `ssh/target-invalid`, `ssh/config-unreadable`
 */
export async function describeHost(
  options: HostOptions,
  deps: ResolveDeps,
): Promise<{ readonly host: ResolvedHost; readonly config: SshConfig }> {
  const target = parseTarget(options.target);
  const config = await readSshConfig(target, chosenPath(options.sshConfigFile, deps.machine), deps);
  const values = tokenValues(target, config, deps.machine);
  const host: ResolvedHost = {
    name: target.host,
    host: values.host,
    port: values.port,
    family: familyOf(config),
    user: values.user,
    hostKeyAlias: config.first('hostkeyalias'),
    jumps: jumpsOf(config),
    ...knownHostsFiles(options, config, values),
    ...identities(options, config, values),
    identitiesOnly: config.first('identitiesonly') === 'yes',
    ruledOut: ruledOut(config),
    agentSocket: identityAgent(config, values, deps.machine.agentSocket),
    acceptsNewHostKey: config.first('stricthostkeychecking') === 'accept-new',
    hashesKnownHosts: config.first('hashknownhosts') === 'yes',
    leftOut: [...leftOut(config), ...untold(config, values)],
  };
  return { host, config };
}

function tokenValues(target: SshTarget, config: SshConfig, machine: Machine): TokenValues {
  return {
    alias: target.host,
    host: config.first('hostname') ?? target.host,
    port: target.port ?? (Number(config.first('port')) || 22),
    user: target.user ?? config.first('user') ?? machine.userName,
    homeDir: machine.homeDir,
    localUser: machine.userName,
    localHost: machine.computer,
    userId: machine.userId,
    hostKeyAlias: config.first('hostkeyalias'),
    env: machine.env ?? {},
    platform: machine.platform,
  };
}

function familyOf(config: SshConfig): 4 | 6 | undefined {
  const family = config.first('addressfamily');
  if (family === 'inet') return 4;
  return family === 'inet6' ? 6 : undefined;
}

/** `ProxyJump` names one target or several, separated by commas. */
function jumpsOf(config: SshConfig): readonly string[] {
  const jump = config.first('proxyjump');
  return jump === undefined || jump === 'none' ? [] : jump.split(',').map((hop) => hop.replace(/^ssh:\/\//, ''));
}

function knownHostsFiles(
  options: HostOptions,
  config: SshConfig,
  values: TokenValues,
): Pick<ResolvedHost, 'userKnownHosts' | 'systemKnownHosts'> {
  const chosen = chosenPath(options.knownHostsFile, values);
  const usual = expandPath('~/.ssh/known_hosts', values) ?? '';
  const configured = config
    .paths('userknownhostsfile')
    .flatMap((path) => (path === 'none' ? devNull : (expandPath(path, values) ?? [])));
  const [first = usual, ...more] = chosen === undefined ? configured : [chosen];
  const system = config.paths('globalknownhostsfile');
  return {
    userKnownHosts: [first, ...more],
    systemKnownHosts:
      system.length > 0 || values.platform === 'win32'
        ? // A file of that name may lie in whatever folder this was started in.
          system.filter((path) => path !== 'none')
        : ['/etc/ssh/ssh_known_hosts'],
  };
}

function identities(
  options: HostOptions,
  config: SshConfig,
  values: TokenValues,
): Pick<ResolvedHost, 'identityFiles' | 'identityChosen'> {
  const chosen = chosenPath(options.identityFile, values);
  if (chosen !== undefined) return { identityFiles: [chosen], identityChosen: true };
  const configured = config.all('identityfile');
  const wished = configured.length === 0 ? DEFAULT_IDENTITIES : configured.filter((path) => path !== 'none');
  const spare = chosenPath(options.spareIdentityFile, values);
  const told = [...wished.flatMap((path) => expandPath(path, values) ?? []), ...(spare === undefined ? [] : [spare])];
  return { identityFiles: [...new Set(told)], identityChosen: false };
}

/** Files whose place only `ssh` can tell. Where it was there to be asked, it has told all but those of IdentityFile. */
function untold(config: SshConfig, values: TokenValues): readonly LeftOut[] {
  const wished: readonly (readonly [option: string, paths: readonly string[], helps: LeftOut['for']])[] = [
    ['IdentityFile', config.all('identityfile'), 'sign-in'],
    ['IdentityAgent', config.all('identityagent'), 'sign-in'],
    ['UserKnownHostsFile', config.paths('userknownhostsfile'), 'host-key'],
  ];
  return wished.flatMap(([option, paths, helps]) =>
    paths
      .filter((path) => expandPath(path, values) === undefined)
      .map((path) => ({ option: `${option} ${path}`, for: helps })),
  );
}

/** A path that a person gave: only `~` is special in it. */
export function chosenPath(
  path: string | undefined,
  machine: Pick<Machine, 'homeDir' | 'platform'>,
): string | undefined {
  return path === undefined ? undefined : (expandHome(path, machine) ?? path);
}

/** `ssh -G` writes `true` and `false` for some of its switches. `BatchMode` is for where nobody sits to be asked. */
function ruledOut(config: SshConfig): readonly SignInMethod[] {
  const isOff = (option: string): boolean => ['no', 'false'].includes(config.first(option) ?? '');
  const isBatch = config.first('batchmode') === 'yes';
  return [
    ...(isOff('pubkeyauthentication') ? (['publickey'] as const) : []),
    ...(isBatch || isOff('kbdinteractiveauthentication') ? (['keyboard-interactive'] as const) : []),
    ...(isBatch || isOff('passwordauthentication') ? (['password'] as const) : []),
  ];
}
