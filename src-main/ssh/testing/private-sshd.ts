import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';

/** Another one than the installed one: see `npm run test:openssh10`. */
const SSHD = process.env['GANGWAY_TEST_SSHD'] ?? '/usr/sbin/sshd';

/** A real OpenSSH server on a loopback port of its own, with throw-away keys. */
export interface PrivateSshd {
  readonly port: number;
  readonly user: string;
  readonly target: string;
  /** Everything it writes, and room for the files of a test. */
  readonly dir: string;
  readonly identityFile: string;
  /** Holds its key. */
  readonly knownHostsFile: string;
  readonly emptyConfigFile: string;
  readonly hostFingerprint: string;
  /** `ssh-ed25519 AAAA…` */
  readonly hostKeyLine: string;
  /** Everything it has said so far. */
  log(): string;
  /** Stops the processes of all sessions without closing their connections, as a broken network would. */
  freezeSessions(): void;
  /** Ends the server and every session it has. */
  kill(): Promise<void>;
  /** Starts it again on the same port; with another host key if asked to. */
  restart(changes?: { readonly newHostKey?: boolean }): Promise<void>;
  /** `kill`, and removes the files. */
  stop(): Promise<void>;
}

/**
 * @param extraConfig lines of sshd_config that come first, and so win
 * @param system contents of files of the system as this server alone sees them; see `whyNoPrivateSystem`
 */
export async function startPrivateSshd(
  extraConfig: readonly string[] = [],
  system: Readonly<Record<string, string>> = {},
): Promise<PrivateSshd> {
  if (!existsSync(SSHD)) throw new Error(`${SSHD} is missing: install the OpenSSH server (Debian: openssh-server)`);
  const dir = mkdtempSync(join(tmpdir(), 'gangway-sshd-'));
  const at = (name: string) => join(dir, name);
  generateKey(at('host_key'));
  generateKey(at('id_ed25519'));
  copyFileSync(at('id_ed25519.pub'), at('authorized_keys'));
  writeFileSync(at('empty_config'), '');
  const port = await freePort();
  writeFileSync(at('sshd_config'), config(dir, port, extraConfig));
  // OpenSSH refuses to start as root without its privilege separation folder.
  if (userInfo().uid === 0) mkdirSync('/run/sshd', { recursive: true });
  const { username: user } = userInfo();
  const hostKeyLine = readFileSync(at('host_key.pub'), 'utf8').split(' ').slice(0, 2).join(' ');
  writeFileSync(at('known_hosts'), `[127.0.0.1]:${port} ${hostKeyLine}\n`);
  let log = '';
  const start = () => startSshd(dir, hidden(dir, system), (text) => (log += text));
  let child = await start();
  const kill = () => killWithSessions(child);
  return {
    port,
    user,
    dir,
    hostKeyLine,
    target: `${user}@127.0.0.1:${port}`,
    identityFile: at('id_ed25519'),
    knownHostsFile: at('known_hosts'),
    emptyConfigFile: at('empty_config'),
    hostFingerprint: execFileSync('ssh-keygen', ['-lf', at('host_key.pub')], { encoding: 'utf8' }).split(' ')[1] ?? '',
    kill,
    log: () => log,
    freezeSessions: () => {
      for (const pid of descendants(child.pid)) signalProcess(pid, 'SIGSTOP');
    },
    restart: async ({ newHostKey = false } = {}) => {
      await kill();
      if (newHostKey) generateKey(at('host_key'));
      child = await start();
    },
    stop: async () => {
      await kill();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

export function generateKey(file: string, ...more: readonly string[]): void {
  rmSync(file, { force: true });
  const kind = more.includes('-t') ? [] : ['-t', 'ed25519'];
  const passphrase = more.includes('-N') ? [] : ['-N', ''];
  execFileSync('ssh-keygen', ['-q', ...kind, ...passphrase, '-C', 'test key', '-f', file, ...more]);
}

function config(dir: string, port: number, extra: readonly string[]): string {
  return [
    ...extra,
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    `HostKey ${join(dir, 'host_key')}`,
    `AuthorizedKeysFile ${join(dir, 'authorized_keys')}`,
    'PidFile none',
    'UsePAM no',
    'StrictModes no',
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    'AllowTcpForwarding local',
    'MaxStartups 100:30:200',
    '',
  ].join('\n');
}

/** `undefined` where a server can be given files of its own in the place of the system's; else why not. */
export function whyNoPrivateSystem(): string | undefined {
  if (process.platform !== 'linux' || userInfo().uid !== 0) return 'mount namespaces need root on Linux';
  const { status } = spawnSync('unshare', ['--mount', 'true']);
  return status === 0 ? undefined : 'this machine allows no mount namespaces';
}

/** Writes the files and returns the words that bind them over the system's, in a namespace that ends with the server. */
function hidden(dir: string, system: Readonly<Record<string, string>>): readonly string[] {
  const binds = Object.entries(system).map(([path, content], index) => {
    const file = join(dir, `system-${index}`);
    writeFileSync(file, content, { mode: 0o600 });
    return `mount --bind '${file}' '${path}'`;
  });
  return binds.length === 0 ? [] : ['unshare', '--mount', 'sh', '-c', [...binds, 'exec "$0" "$@"'].join(' && ')];
}

async function startSshd(
  dir: string,
  inside: readonly string[],
  onText: (text: string) => void,
): Promise<ChildProcess> {
  const [wrapper, ...words] = inside;
  const args = ['-D', '-e', '-f', join(dir, 'sshd_config')];
  const [file, all] = wrapper === undefined ? [SSHD, args] : [wrapper, [...words, SSHD, ...args]];
  const child = spawn(file, all, { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  await new Promise<void>((resolve, reject) => {
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      onText(text);
      if (said.includes('Server listening on')) resolve();
    });
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`sshd ended with ${code}: ${said}`)));
  });
  return child;
}

async function killWithSessions(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const exited = new Promise((resolve) => child.once('exit', resolve));
  const sessions = descendants(child.pid);
  child.kill('SIGKILL');
  await exited;
  for (const pid of sessions) signalProcess(pid, 'SIGKILL');
}

// Sessions outlive the process that listens, each in a process group of its own.
function descendants(ofPid: number | undefined): readonly number[] {
  const pairs = execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' })
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number));
  const children = pairs.flatMap(([pid, parent]) => (pid !== undefined && parent === ofPid ? [pid] : []));
  return children.flatMap((pid) => [pid, ...descendants(pid)]);
}

function signalProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It had ended by itself.
  }
}

/** Below the range that outgoing connections take their ports from. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 12_000);
    const server = createServer();
    const isFree = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false));
      server.listen(port, '127.0.0.1', () => resolve(true));
    });
    await new Promise((resolve) => server.close(resolve));
    if (isFree) return port;
  }
}
