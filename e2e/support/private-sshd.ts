import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { freePort } from './free-port.ts';
import { descendants, waitUntilGone } from './processes.ts';
import { waitFor } from './wait-for.ts';

const run = promisify(execFile);

// OpenSSH insists on being started by its absolute path.
const SSHD = '/usr/sbin/sshd';

/** `undefined` where a private sshd can run; else why not, for `test.skip`. */
export function whyNoSshd(): string | undefined {
  return existsSync(SSHD) ? undefined : `${SSHD} is missing: install OpenSSH's server (Debian: openssh-server).`;
}

/**
 * A real sshd on loopback with keys of its own, started and killed at will on the same port. Nobody
 * but the user who runs the tests can sign in, and only with `identityFile`.
 */
export class PrivateSshd implements AsyncDisposable {
  readonly host = '127.0.0.1';
  readonly port: number;
  /** Holds everything below; removed by `dispose`. */
  readonly folder: string;
  readonly user: string = userInfo().username;
  readonly identityFile: string;
  readonly authorizedKeysFile: string;
  /** Knows the key of this server under its address and port. */
  readonly knownHostsFile: string;
  #child: ChildProcess | undefined;
  #logs = '';

  private constructor(folder: string, port: number) {
    this.folder = folder;
    this.port = port;
    this.identityFile = join(folder, 'id');
    this.authorizedKeysFile = join(folder, 'authorized_keys');
    this.knownHostsFile = join(folder, 'known_hosts');
  }

  /**
   * Makes keys and configuration; the server is not started yet. `extraConfig`: lines of sshd_config that win.
   *
   * @throws Error when no sshd is installed.
   */
  static async create(extraConfig: readonly string[] = []): Promise<PrivateSshd> {
    const problem = whyNoSshd();
    if (problem !== undefined) throw new Error(problem);
    const folder = await mkdtemp(join(tmpdir(), 'gw-sshd-'));
    const sshd = new PrivateSshd(folder, await freePort());
    await sshd.#prepare(extraConfig);
    return sshd;
  }

  /** `user@host:port` as `gangway tunnel` takes it. */
  get target(): string {
    return `${this.user}@${this.host}:${this.port}`;
  }

  /** What the server has said since `create`. */
  get logs(): string {
    return this.#logs;
  }

  get isRunning(): boolean {
    return this.#child !== undefined;
  }

  /** Resolves when it listens. No connection is made to find out: sshd would count it as a failed sign-in. */
  async start(): Promise<void> {
    if (this.isRunning) return;
    const said = this.#logs.length;
    const child = spawn(SSHD, ['-D', '-e', '-f', join(this.folder, 'sshd_config')], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.#child = child;
    child.stderr.setEncoding('utf8').on('data', (text: string) => (this.#logs += text));
    child.once('exit', () => {
      if (this.#child === child) this.#child = undefined;
    });
    const listens = (): 'ended' | 'listens' | undefined => {
      if (this.#logs.slice(said).includes(`Server listening on ${this.host} port ${this.port}`)) return 'listens';
      return this.isRunning ? undefined : 'ended';
    };
    const outcome = await waitFor(listens, { what: `sshd on port ${this.port}` });
    if (outcome === 'ended') throw new Error(`sshd did not start:\n${this.#logs.slice(said)}`);
  }

  /** Ends the server and every session at once, as a power cut does. The port stays reserved by nobody. */
  async kill(): Promise<void> {
    const pids = await this.#pids();
    signalAll(pids, 'SIGKILL');
    await waitUntilGone(pids);
    this.#child = undefined;
  }

  /** `kill` and `start` on the same port with the same keys. */
  async restart(): Promise<void> {
    await this.kill();
    await this.start();
  }

  /** Keeps every connection open and answers nothing, as a computer that fell asleep. */
  async freeze(): Promise<void> {
    signalAll(await this.#pids(), 'SIGSTOP');
  }

  async thaw(): Promise<void> {
    signalAll(await this.#pids(), 'SIGCONT');
  }

  /** Gives the server another host key of the same type; `knownHostsFile` is left as it was. */
  async changeHostKey(): Promise<void> {
    await rm(join(this.folder, 'host_key'), { force: true });
    await this.#makeKey('host_key');
    if (this.isRunning) await this.restart();
  }

  /** `SHA256:…` of the present host key. */
  async hostFingerprint(): Promise<string> {
    const { stdout } = await run('ssh-keygen', ['-l', '-f', join(this.folder, 'host_key.pub')]);
    return stdout.split(' ')[1] ?? '';
  }

  /** Ends the server and removes its folder. May be called twice. */
  async dispose(): Promise<void> {
    await this.kill();
    await rm(this.folder, { recursive: true, force: true });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.dispose();
  }

  async #prepare(extraConfig: readonly string[]): Promise<void> {
    await Promise.all([this.#makeKey('host_key'), this.#makeKey('id')]);
    const hostKey = await readFile(join(this.folder, 'host_key.pub'), 'utf8');
    const [type, key] = hostKey.split(' ');
    await writeFile(this.knownHostsFile, `[${this.host}]:${this.port} ${type} ${key}\n`);
    await writeFile(this.authorizedKeysFile, await readFile(`${this.identityFile}.pub`, 'utf8'));
    await writeFile(join(this.folder, 'sshd_config'), this.#config(extraConfig));
    await chmod(this.authorizedKeysFile, 0o600);
    // Without its folder for privilege separation sshd refuses to start as root.
    if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
  }

  async #makeKey(name: string): Promise<void> {
    await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'gangway-test', '-f', join(this.folder, name)]);
  }

  #config(extraConfig: readonly string[]): string {
    const lines = [
      ...extraConfig,
      `Port ${this.port}`,
      `ListenAddress ${this.host}`,
      `HostKey ${join(this.folder, 'host_key')}`,
      `AuthorizedKeysFile ${this.authorizedKeysFile}`,
      'PidFile none',
      'UsePAM no',
      // The folder of the keys lies in one that everybody may write to.
      'StrictModes no',
      'PasswordAuthentication no',
      'KbdInteractiveAuthentication no',
      'AllowTcpForwarding local',
      'MaxStartups 100:30:200',
      'LogLevel VERBOSE',
    ];
    return `${lines.join('\n')}\n`;
  }

  async #pids(): Promise<number[]> {
    const pid = this.#child?.pid;
    if (pid === undefined) return [];
    return [pid, ...(await descendants(pid)).map((entry) => entry.pid)];
  }
}

function signalAll(pids: readonly number[], signal: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, signal);
    } catch {
      // It ended by itself in the meantime.
    }
  }
}
