import { execFileSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { descendants, waitUntilGone } from '../e2e/support/processes.ts';
import { SERVER_ADDRESS, type FaultyNetwork } from './faulty-network.ts';
import { monotonicMs } from './recovery-prober.ts';

const SSHD = '/usr/sbin/sshd';

/** Keys of one benchmark, for all of its servers. */
export class RecoveryKeys implements Disposable {
  readonly folder = mkdtempSync(join(tmpdir(), 'gw-recovery-'));
  readonly user = userInfo().username;
  readonly identityFile = join(this.folder, 'id');
  readonly knownHostsFile = join(this.folder, 'known_hosts');
  readonly configFile = join(this.folder, 'sshd_config');

  constructor() {
    for (const name of ['host_key', 'id']) {
      execFileSync('ssh-keygen', [
        '-q',
        '-t',
        'ed25519',
        '-N',
        '',
        '-C',
        'gangway-bench',
        '-f',
        join(this.folder, name),
      ]);
    }
    copyFileSync(`${this.identityFile}.pub`, join(this.folder, 'authorized_keys'));
    const [type, key] = readFileSync(join(this.folder, 'host_key.pub'), 'utf8').split(' ');
    writeFileSync(this.knownHostsFile, `${SERVER_ADDRESS} ${type} ${key}\n`);
    // What penalties and limits a server has by default stays as it is: they belong to what is measured.
    const lines = [
      'Port 22',
      `ListenAddress ${SERVER_ADDRESS}`,
      `HostKey ${join(this.folder, 'host_key')}`,
      `AuthorizedKeysFile ${join(this.folder, 'authorized_keys')}`,
      'PidFile none',
      'UsePAM no',
      'StrictModes no',
      'PasswordAuthentication no',
      'KbdInteractiveAuthentication no',
      'AllowTcpForwarding local',
      'UseDNS no',
    ];
    writeFileSync(this.configFile, `${lines.join('\n')}\n`);
    mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** A real sshd in a network, and an echo server that its clients are led to. */
export class RecoveryServer {
  readonly #network: FaultyNetwork;
  readonly #keys: RecoveryKeys;
  #child: ChildProcess | undefined;
  #logs = '';

  constructor(network: FaultyNetwork, keys: RecoveryKeys) {
    this.#network = network;
    this.#keys = keys;
  }

  /** The port of the echo server. It lives on when sshd is killed. */
  async startEcho(): Promise<number> {
    const script = fileURLToPath(new URL('./tunnel-server-process.ts', import.meta.url));
    const child = this.#network.spawn('server', [process.execPath, script], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    const [port] = await once(child, 'message');
    return Number(port);
  }

  /** The instant it began to listen, on the monotonic clock. */
  async start(): Promise<number> {
    const child = this.#network.spawn('server', [SSHD, '-D', '-e', '-f', this.#keys.configFile], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.#child = child;
    const said = this.#logs.length;
    const listening = Promise.withResolvers<number>();
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#logs += text;
      if (this.#logs.includes('Server listening', said)) listening.resolve(monotonicMs());
    });
    child.once('exit', () => listening.reject(new Error(`sshd did not start:\n${this.#logs.slice(said)}`)));
    return listening.promise;
  }

  get logs(): string {
    return this.#logs;
  }

  /** Ends it with all its sessions, as a power cut does. */
  async kill(): Promise<void> {
    const pid = this.#child?.pid;
    if (pid === undefined) return;
    const pids = [pid, ...(await this.#sessions(pid))];
    for (const one of pids) process.kill(one, 'SIGKILL');
    await waitUntilGone(pids);
  }

  async killSessions(): Promise<void> {
    const pid = this.#child?.pid;
    if (pid === undefined) return;
    const pids = await this.#sessions(pid);
    for (const one of pids) process.kill(one, 'SIGKILL');
    // Their parent has to take notice.
    while ((await this.#sessions(pid)).length > 0) await delay(5);
  }

  async #sessions(pid: number): Promise<number[]> {
    return (await descendants(pid)).map((entry) => entry.pid);
  }
}
