import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { constants } from 'node:os';
import type { Readable } from 'node:stream';

import type { ProgramRunner, RunResult } from './ports.ts';
import { systemError } from './system-error.ts';

type Child = ChildProcessByStdio<null, Readable, Readable>;

const MAX_OUTPUT_BYTES = 4 * 1024 * 1024;
/** How long a program may tidy up after SIGTERM. */
const TERM_GRACE_MS = 2_000;
/** Output may lag behind the end of a program, or never end where a grandchild holds the pipe. */
const OUTPUT_GRACE_MS = 1_000;

/**
 * Runs programs of this computer, without a shell and without input.
 *
 * Rejects with a system error: `ENOENT` and the like when it cannot start, `ETIMEDOUT` when it took
 * too long, `ENOBUFS` when it wrote more than 4 MiB; in the last two cases it was ended first. A
 * program ended by a signal has the exit code 128 + signal, as in a shell.
 */
export function createNodeProgramRunner(): ProgramRunner {
  return {
    run: (file, args, { timeoutMs }) =>
      new Promise((resolve, reject) => {
        const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'], windowsHide: true });
        const run = new Run(child);
        const timer = setTimeout(() => run.end(systemError('ETIMEDOUT', 'the program took too long')), timeoutMs);
        run.finished.finally(() => clearTimeout(timer)).then(resolve, reject);
      }),
  };
}

class Run {
  readonly finished: Promise<RunResult>;
  readonly #child: Child;
  readonly #chunks: { readonly stdout: Buffer[]; readonly stderr: Buffer[] } = { stdout: [], stderr: [] };
  readonly #timers: NodeJS.Timeout[] = [];
  #bytes = 0;
  #broken: Error | undefined;

  constructor(child: Child) {
    this.#child = child;
    child.stdout.on('data', (chunk: Buffer) => this.#take('stdout', chunk));
    child.stderr.on('data', (chunk: Buffer) => this.#take('stderr', chunk));
    this.finished = new Promise<RunResult>((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', () => this.#timers.push(setTimeout(() => this.#closePipes(), OUTPUT_GRACE_MS)));
      child.once('close', (code, signal) =>
        this.#broken ? reject(this.#broken) : resolve(this.#result(code, signal)),
      );
    }).finally(() => this.#timers.forEach(clearTimeout));
  }

  /** Ends the program; `finished` then rejects with the reason, once the program is gone. */
  end(reason: Error): void {
    if (this.#broken) return;
    this.#broken = reason;
    this.#child.kill('SIGTERM');
    this.#timers.push(setTimeout(() => this.#child.kill('SIGKILL'), TERM_GRACE_MS));
    this.#closePipes();
  }

  #take(stream: 'stdout' | 'stderr', chunk: Buffer): void {
    this.#bytes += chunk.length;
    if (this.#bytes > MAX_OUTPUT_BYTES) this.end(systemError('ENOBUFS', 'the program wrote too much'));
    else this.#chunks[stream].push(chunk);
  }

  #closePipes(): void {
    this.#child.stdout.destroy();
    this.#child.stderr.destroy();
  }

  #result(code: number | null, signal: NodeJS.Signals | null): RunResult {
    return {
      exitCode: code ?? 128 + (signal === null ? 0 : constants.signals[signal]),
      stdout: Buffer.concat(this.#chunks.stdout).toString(),
      stderr: Buffer.concat(this.#chunks.stderr).toString(),
    };
  }
}
