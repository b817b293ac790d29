import { addressText, type RemoteAddress } from '../remote-address.ts';
import type { HostOptions } from '../resolve-host.ts';
import { parseTarget } from '../ssh-target.ts';
import { LOG_VERBOSE } from './ssh-log.ts';

export interface SshArguments extends Pick<HostOptions, 'target'> {
  /** A path; `undefined` leaves it to the configuration. */
  readonly identityFile: string | undefined;
  /** Empty leaves it to the configuration. */
  readonly knownHostsFiles: readonly string[];
  /** `none` for no configuration at all. */
  readonly configFile: string | undefined;
  readonly hostKeys: 'strict' | 'accept-new';
  /** Each as `-L` takes it. */
  readonly forwards: readonly string[];
  readonly connectTimeoutMs: number;
}

/**
 * What the user's configuration must not decide: nothing is asked on a terminal, nothing but our forwards is opened,
 * nobody else's connection is shared, no command is run here or there. The first value of an option wins in `ssh`,
 * so the command line goes before every file.
 */
const FORCED = {
  BatchMode: 'yes',
  ExitOnForwardFailure: 'yes',
  GatewayPorts: 'no',
  StreamLocalBindMask: '0177',
  StreamLocalBindUnlink: 'no',
  ControlMaster: 'no',
  ControlPath: 'none',
  ControlPersist: 'no',
  ForkAfterAuthentication: 'no',
  PermitLocalCommand: 'no',
  RemoteCommand: 'none',
  RequestTTY: 'no',
  Tunnel: 'no',
  ForwardAgent: 'no',
  ForwardX11: 'no',
  AddKeysToAgent: 'no',
  UpdateHostKeys: 'no',
  VisualHostKey: 'no',
  EscapeChar: 'none',
  ConnectionAttempts: '1',
  TCPKeepAlive: 'yes',
  // Our probes are quicker; this is for the case that we are stopped.
  ServerAliveInterval: '15',
  ServerAliveCountMax: '3',
  LogLevel: 'VERBOSE',
  LogVerbose: LOG_VERBOSE,
} as const;

/**
 * The words after `ssh`. No shell sees them; the target was checked and stands behind `--`.
 * @throws AppError `ssh/target-invalid`
 */
export function sshArguments(options: SshArguments): readonly string[] {
  const { host, port, user } = parseTarget(options.target);
  const { identityFile, knownHostsFiles, configFile, hostKeys, forwards } = options;
  return [
    '-N',
    '-T',
    ...(configFile === undefined ? [] : ['-F', configFile]),
    ...(port === undefined ? [] : ['-p', String(port)]),
    ...(user === undefined ? [] : ['-l', user]),
    // A chosen key is the one to offer: an agent full of others would use up the server's patience.
    ...(identityFile === undefined ? [] : ['-o', 'IdentitiesOnly=yes', '-i', identityFile]),
    ...(knownHostsFiles.length === 0 ? [] : ['-o', `UserKnownHostsFile=${knownHostsFiles.map(quoted).join(' ')}`]),
    ...Object.entries(FORCED).flatMap(([key, value]) => ['-o', `${key}=${value}`]),
    '-o',
    `StrictHostKeyChecking=${hostKeys === 'strict' ? 'yes' : 'accept-new'}`,
    '-o',
    `ConnectTimeout=${Math.max(1, Math.ceil(options.connectTimeoutMs / 1_000))}`,
    ...forwards.flatMap((forward) => ['-L', forward]),
    '--',
    host,
  ];
}

/** A file name as ssh_config(5) reads it: in quotes, without %-tokens. */
function quoted(path: string): string {
  return `"${path.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('%', '%%')}"`;
}

/** `-L LISTEN:HOST:PORT`; an IPv6 address needs its brackets. */
export function forwardWords(listen: string, remote: RemoteAddress): string {
  return `${listen}:${addressText(remote)}`;
}
