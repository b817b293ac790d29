import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

/** Why a network of one's own cannot be had here; `undefined` where it can. */
export function whyNoNetwork(): string | undefined {
  if (process.platform !== 'linux') return 'Only Linux has network namespaces.';
  const tried = spawnSync('unshare', ['--net', 'ip', 'link', 'set', 'lo', 'up']);
  if (tried.status === 0) return undefined;
  return 'No network namespace can be made here: that takes root, and the programs unshare and ip.';
}

/** A network that only the programs of one test see. It has loopback and nothing else, and ends with the last of them. */
export class PrivateNetwork implements AsyncDisposable {
  readonly #holder: ChildProcess;

  private constructor(holder: ChildProcess) {
    this.#holder = holder;
  }

  static async create(): Promise<PrivateNetwork> {
    const script = 'ip link set lo up && echo ready && read -r _';
    const holder = spawn('unshare', ['--net', 'sh', '-c', script], { stdio: ['pipe', 'pipe', 'inherit'] });
    await once(holder.stdout, 'data');
    return new PrivateNetwork(holder);
  }

  /** What runs a program in this network. */
  get through(): readonly [string, ...string[]] {
    return ['nsenter', '--net', '--target', String(this.#holder.pid), '--'];
  }

  /** Runs a short program in it, such as `ip address add …`, and returns what it says. */
  run(...command: readonly string[]): { readonly exitCode: number | null; readonly stdout: string } {
    const [program, ...args] = this.through;
    const { status, stdout } = spawnSync(program, [...args, ...command], { encoding: 'utf8' });
    return { exitCode: status, stdout };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = once(this.#holder, 'exit');
    this.#holder.stdin?.end();
    await ended;
  }
}
