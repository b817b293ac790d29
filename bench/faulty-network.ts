import { execFileSync, spawn, type ChildProcess, type StdioOptions } from 'node:child_process';
import { existsSync } from 'node:fs';

/** Which end of the cable. */
export type End = 'client' | 'server';

export const SERVER_ADDRESS = '10.99.0.2';
const CLIENT_ADDRESS = '10.99.0.1';
const OTHER_CLIENT_ADDRESS = '10.99.0.3';
const NEEDED = ['/usr/sbin/ip', '/usr/sbin/iptables', '/sbin/ip', '/sbin/iptables'];

/** Before what merely shares the machine; together they use a few hundredths of it. */
const FIRST = canRun('chrt', '--rr', '1', 'true') ? ['chrt', '--rr', '1'] : ['nice', '-n', '-15'];

/** Gives this process the same, so that what it does and when it says so lie close together. */
export function comeFirst(): void {
  if (FIRST[0] === 'chrt') execFileSync('chrt', ['--all-tasks', '--rr', '--pid', '1', `${process.pid}`]);
}

let count = 0;
const all = new Set<FaultyNetwork>();
process.once('exit', () => {
  for (const network of all) network.dispose();
});

/** `undefined` where networks can be made; else why not. */
export function whyNoNetwork(): string | undefined {
  if (process.platform !== 'linux') return 'Network namespaces exist on Linux only.';
  if (process.getuid?.() !== 0) return 'Network namespaces need root: run it as root, in a container for example.';
  for (const name of ['ip', 'iptables']) {
    if (!NEEDED.some((path) => path.endsWith(`/${name}`) && existsSync(path))) {
      return `${name} is missing (Debian: iproute2, iptables).`;
    }
  }
  try {
    new FaultyNetwork().dispose();
  } catch (error) {
    return `No network namespace can be made here: ${String(error)}`;
  }
  return undefined;
}

/** Two network namespaces and a cable between them, to be broken in every way. Everything in it ends with it. */
export class FaultyNetwork {
  readonly #name: string;

  constructor() {
    count += 1;
    // Interface names have 15 characters at most.
    this.#name = `gw${process.pid % 100_000}x${count}`;
    all.add(this);
    for (const end of ['client', 'server'] as const) ip('netns', 'add', this.#namespace(end));
    const [client, server] = [this.#namespace('client'), this.#namespace('server')];
    ip(
      'link',
      'add',
      this.#cable('client'),
      'netns',
      client,
      'type',
      'veth',
      'peer',
      this.#cable('server'),
      'netns',
      server,
    );
    for (const end of ['client', 'server'] as const) {
      ip('-n', this.#namespace(end), 'link', 'set', 'lo', 'up');
      this.#address(end, 'add', end === 'client' ? CLIENT_ADDRESS : SERVER_ADDRESS);
      ip('-n', this.#namespace(end), 'link', 'set', this.#cable(end), 'up');
    }
  }

  spawn(
    end: End,
    command: readonly string[],
    options: { readonly stdio: StdioOptions; readonly env?: NodeJS.ProcessEnv },
  ): ChildProcess {
    // Ahead of whatever else the machine does, every lane alike: its own time is what is measured.
    const inside = ['netns', 'exec', this.#namespace(end), ...FIRST, ...command];
    return spawn('ip', inside, { ...options, detached: true });
  }

  run(end: End, ...command: string[]): string {
    return execFileSync('ip', ['netns', 'exec', this.#namespace(end), ...command], { encoding: 'utf8' });
  }

  /** Every packet is lost, and nobody is told. */
  swallow(): void {
    this.run('server', 'iptables', '-A', 'INPUT', '-i', this.#cable('server'), '-j', 'DROP');
    this.run('server', 'iptables', '-A', 'OUTPUT', '-o', this.#cable('server'), '-j', 'DROP');
  }

  /** What belongs to the connections that the server has now is lost from now on, as after a router forgot them. */
  forgetConnections(ports: readonly string[]): void {
    for (const port of ports) {
      this.run('server', 'iptables', '-I', 'INPUT', '-p', 'tcp', '--sport', port, '-j', 'DROP');
      this.run('server', 'iptables', '-I', 'OUTPUT', '-p', 'tcp', '--dport', port, '-j', 'DROP');
    }
  }

  /** The clients' ports of the connections to the SSH port. */
  connectedPorts(): readonly string[] {
    const lines = this.run('server', 'ss', '-tnH', 'state', 'established', 'sport = :22').trim().split('\n');
    return lines.flatMap((line) => /:(\d+)\s*$/.exec(line)?.[1] ?? []);
  }

  /** Ends `swallow`; what was forgotten stays so. */
  carry(): void {
    this.run('server', 'iptables', '-D', 'OUTPUT', '-o', this.#cable('server'), '-j', 'DROP');
    this.run('server', 'iptables', '-D', 'INPUT', '-i', this.#cable('server'), '-j', 'DROP');
  }

  /** The client is in another network all at once. */
  moveClient(): void {
    this.#address('client', 'add', OTHER_CLIENT_ADDRESS);
    this.#address('client', 'del', CLIENT_ADDRESS);
    // The second address goes with the first one where the kernel is set so.
    if (!ip('-n', this.#namespace('client'), 'addr').includes(OTHER_CLIENT_ADDRESS)) {
      this.#address('client', 'add', OTHER_CLIENT_ADDRESS);
    }
  }

  plug(state: 'up' | 'down'): void {
    ip('-n', this.#namespace('server'), 'link', 'set', this.#cable('server'), state);
  }

  /** Counts the SYNs that the client sends to the SSH port from now on. Returns how many there were so far. */
  countSyns(): () => number {
    this.run('client', 'iptables', '-A', 'OUTPUT', '-p', 'tcp', '--syn', '--dport', '22');
    return () => Number(/--dport 22.* -c (\d+)/.exec(this.run('client', 'iptables', '-S', 'OUTPUT', '-v'))?.[1]);
  }

  /** Ends everything in it, and it. Also called when this process ends; may be called twice. */
  dispose(): void {
    if (!all.delete(this)) return;
    for (const end of ['client', 'server'] as const) {
      try {
        for (const pid of ip('netns', 'pids', this.#namespace(end)).split('\n').filter(Boolean)) kill(Number(pid));
        ip('netns', 'del', this.#namespace(end));
      } catch {
        // It was not made.
      }
    }
  }

  #address(end: End, verb: 'add' | 'del', address: string): void {
    ip('-n', this.#namespace(end), 'addr', verb, `${address}/24`, 'dev', this.#cable(end));
  }

  #namespace(end: End): string {
    return `${this.#name}${end[0]}`;
  }

  #cable(end: End): string {
    return `v${end[0]}`;
  }
}

function ip(...args: readonly string[]): string {
  return execFileSync('ip', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended by itself.
  }
}

function canRun(program: string, ...args: readonly string[]): boolean {
  try {
    execFileSync(program, args, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
