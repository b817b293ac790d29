import type { ChildProcess } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { descendants } from '../e2e/support/processes.ts';
import { FaultyNetwork } from './faulty-network.ts';
import { laneCommand, type RecoveryLane } from './recovery-lanes.ts';
import type { Knock } from './recovery-prober.ts';
import { RecoveryServer, type RecoveryKeys } from './recovery-server.ts';

const LOCAL_PORT = 18_789;
const READY_LIMIT_MS = 20_000;

/** One lane in a network of its own: a server there, the program here, and somebody who knocks. */
export class RecoveryLab implements Disposable {
  readonly network = new FaultyNetwork();
  readonly server: RecoveryServer;
  readonly knocks: Knock[] = [];
  readonly #lane: RecoveryLane;
  readonly #keys: RecoveryKeys;
  #program: ChildProcess | undefined;
  #prober: ChildProcess | undefined;
  #said = '';

  constructor(lane: RecoveryLane, keys: RecoveryKeys) {
    this.#lane = lane;
    this.#keys = keys;
    this.server = new RecoveryServer(this.network, keys);
  }

  /** @throws Error with what the program said when it does not get ready */
  async start(): Promise<void> {
    const remotePort = await this.server.startEcho();
    await this.server.start();
    const { user, identityFile, knownHostsFile } = this.#keys;
    const folder = mkdtempSync(join(this.#keys.folder, 'lane-'));
    const route = { folder, user, identityFile, knownHostsFile, localPort: LOCAL_PORT, remotePort };
    const { command, env } = laneCommand(this.#lane, route);
    const program = this.network.spawn('client', command, { stdio: ['ignore', 'pipe', 'pipe'], env });
    this.#program = program;
    for (const stream of [program.stdout, program.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => (this.#said += text));
    }
    this.#prober = this.#startProber();
    this.knock(200);
    const isReady = await this.firstEcho(0, READY_LIMIT_MS);
    this.knock(0);
    this.knocks.length = 0;
    if (isReady === undefined) throw new Error(`${this.#lane} did not get ready:\n${this.#said}`);
  }

  get said(): string {
    return this.#said;
  }

  get pid(): number | undefined {
    return this.#program?.pid;
  }

  /** A new connection with one echo at once, and then every so often; 0 ends that. */
  knock(everyMs: number): void {
    this.#prober?.stdin?.write(`${everyMs}\n`);
  }

  #startProber(): ChildProcess {
    const script = fileURLToPath(new URL('./recovery-prober.ts', import.meta.url));
    const prober = this.network.spawn('client', [process.execPath, script, `${LOCAL_PORT}`], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    if (!prober.stdout) throw new Error('The prober has no output.');
    createInterface(prober.stdout).on('line', (line) => this.knocks.push(JSON.parse(line) as Knock));
    return prober;
  }

  /** Milliseconds from an instant to the first echo that was complete after it; `undefined` when none was in time. */
  async firstEcho(sinceMs: number, limitMs: number): Promise<number | undefined> {
    const endMs = performance.now() + limitMs;
    while (performance.now() < endMs) {
      const ends = this.knocks.filter(({ outcome, endMs: at }) => outcome === 'echo' && at > sinceMs);
      if (ends.length > 0) return Math.min(...ends.map((knock) => knock.endMs)) - sinceMs;
      await delay(10);
    }
    return undefined;
  }

  /** Stops the program with its children, as a sleep does. What it returns lets them go on, at once. */
  async freeze(): Promise<() => void> {
    const pid = this.#program?.pid;
    if (pid === undefined) return () => undefined;
    const pids = [pid, ...(await descendants(pid)).map((entry) => entry.pid)];
    for (const one of pids) signalProcess(one, 'SIGSTOP');
    // Parents last, so that none takes its child for hanging.
    return () => {
      for (const one of pids.toReversed()) signalProcess(one, 'SIGCONT');
    };
  }

  [Symbol.dispose](): void {
    this.network.dispose();
  }
}

function signalProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // `ssh` had ended by itself.
  }
}
