import { spawn, type ChildProcess, type ChildProcessByStdio } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import type { Readable } from 'node:stream';

import { LineSplitter } from './line-splitter.ts';
import { withoutSteering } from './node-host-process.ts';
import type { Companion, CompanionEnd, CompanionStarter } from './ports.ts';

export interface CompanionStarterOptions {
  /** Passed on without the secrets and switches of gateways, and with messages in English. */
  readonly env: NodeJS.ProcessEnv;
  readonly platform: NodeJS.Platform;
}

/** Constant, with everything variable as an argument: `$1` is the process group, `$2` its folder. */
const GUARD = 'read -r _ || { kill -s TERM -- "-$1"; sleep 1; kill -s KILL -- "-$1"; rm -rf -- "$2"; }';
const GUARD_SHELL = '/bin/sh';
/** Of util-linux 2.33 or newer. */
const SETPRIV = '/usr/bin/setpriv';
const TERM_GRACE_MS = 1_000;
/** A grandchild that holds the output must not keep the end from being told. */
const LAST_WORDS_MS = 500;
/** A socket in the folder has to fit into the 104 bytes that macOS allows; the folder and the socket take 30. */
const MAX_TMP_BYTES = 70;

/**
 * Starts programs that must not outlive this process, not even when it is killed. On POSIX each has a guard: a shell
 * that waits for the end of a pipe we hold, which comes by whatever means we die, and then ends the program's process
 * group. On Windows libuv puts every child into a job that the system ends with us.
 */
export function createCompanionStarter({ env, platform }: CompanionStarterOptions): CompanionStarter {
  return {
    start: async (file, prepare) => {
      const folder = await mkdtemp(join(tmpFolder(platform), 'gangway-'));
      try {
        const args = await prepare(folder);
        const [program, ...words] = dyingWithUs(file, args, platform);
        const child = spawn(program, words, {
          cwd: folder,
          env: { ...withoutSteering(env), LC_ALL: 'C' },
          stdio: ['ignore', 'pipe', 'pipe'],
          // A process group of its own: Ctrl+C is for us, and helpers that the program starts end with it.
          detached: platform !== 'win32',
          windowsHide: true,
        });
        return new GuardedProgram(child, folder, platform);
      } catch (error) {
        await rm(folder, { recursive: true, force: true });
        throw error;
      }
    },
  };
}

/**
 * On Linux the system itself ends the program when we are gone, even if the guard was killed in the same moment. Only for
 * a program that is known to be there: of any other, `setpriv` would speak in its own words.
 */
function dyingWithUs(file: string, args: readonly string[], platform: NodeJS.Platform): [string, ...string[]] {
  const isSure = platform === 'linux' && isAbsolute(file) && existsSync(file) && existsSync(SETPRIV);
  return isSure ? [SETPRIV, '--pdeathsig', 'TERM', file, ...args] : [file, ...args];
}

function tmpFolder(platform: NodeJS.Platform): string {
  const folder = tmpdir();
  return platform !== 'win32' && Buffer.byteLength(folder) > MAX_TMP_BYTES ? '/tmp' : folder;
}

class GuardedProgram implements Companion {
  readonly folder: string;
  readonly ended: Promise<CompanionEnd>;
  readonly #child: ChildProcessByStdio<null, Readable, Readable>;
  readonly #platform: NodeJS.Platform;
  readonly #guard: ChildProcess | undefined;
  #onErrorLine: (line: string) => void = () => {};
  #onOutLine: (line: string) => void = () => {};
  #isOver = false;
  #error: Error | undefined;
  #killTimer: NodeJS.Timeout | undefined;

  constructor(child: ChildProcessByStdio<null, Readable, Readable>, folder: string, platform: NodeJS.Platform) {
    this.#child = child;
    this.#platform = platform;
    this.folder = folder;
    // In the same turn as the start: there is no moment to be killed in between.
    this.#guard = child.pid === undefined || platform === 'win32' ? undefined : this.#startGuard(child.pid);
    const lines = [
      [child.stderr, new LineSplitter((line) => this.#onErrorLine(line))],
      [child.stdout, new LineSplitter((line) => this.#onOutLine(line))],
    ] as const;
    for (const [stream, splitter] of lines) stream.on('data', (chunk: Buffer) => splitter.write(chunk));
    this.ended = this.#untilEnd().then(async (exitCode) => {
      for (const [, splitter] of lines) splitter.end();
      // The word that lets the guard go without doing anything.
      this.#guard?.stdin?.end('over\n');
      await rm(folder, { recursive: true, force: true });
      return { exitCode, error: this.#error };
    });
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  onErrorLine(listener: (line: string) => void): void {
    this.#onErrorLine = listener;
  }

  onOutLine(listener: (line: string) => void): void {
    this.#onOutLine = listener;
  }

  end(): void {
    if (this.#isOver || this.#killTimer) return;
    this.#signal('SIGTERM');
    this.#killTimer = setTimeout(() => this.#signal('SIGKILL'), TERM_GRACE_MS);
  }

  #startGuard(pid: number): ChildProcess {
    const guard = spawn(GUARD_SHELL, ['-c', GUARD, 'gangway-guard', String(pid), this.folder], {
      stdio: ['pipe', 'ignore', 'ignore'],
      detached: true,
    });
    guard.stdin.on('error', () => {});
    guard.once('error', (error) => this.#unguarded(error));
    guard.once('exit', () => this.#unguarded(new Error('the guard of the program ended')));
    return guard;
  }

  /** Nothing would end the program if we were killed now, so it ends now. */
  #unguarded(error: Error): void {
    if (this.#isOver) return;
    this.#error ??= error;
    this.end();
  }

  #untilEnd(): Promise<number | undefined> {
    const child = this.#child;
    return new Promise((resolve) => {
      let lastWords: NodeJS.Timeout | undefined;
      child.once('error', (error) => {
        // Comes instead of `exit` when it could not be started at all.
        if (child.pid !== undefined) return;
        this.#error = error;
        this.#isOver = true;
        resolve(undefined);
      });
      child.once('exit', () => {
        this.#isOver = true;
        clearTimeout(this.#killTimer);
        lastWords = setTimeout(() => {
          for (const stream of [child.stdout, child.stderr]) stream.destroy();
        }, LAST_WORDS_MS);
      });
      child.once('close', (code) => {
        clearTimeout(lastWords);
        if (child.pid !== undefined) resolve(code ?? undefined);
      });
    });
  }

  #signal(signal: NodeJS.Signals): void {
    const { pid } = this.#child;
    if (pid === undefined || this.#isOver) return;
    try {
      if (this.#platform === 'win32') this.#child.kill(signal);
      else process.kill(-pid, signal);
    } catch {
      // It had ended by itself.
    }
  }
}
