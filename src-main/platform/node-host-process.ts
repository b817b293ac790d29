import { fork, type ChildProcess } from 'node:child_process';

import { LineSplitter } from './line-splitter.ts';
import type { HostProcess, HostProcessStarter } from './ports.ts';

export interface ForkStarterOptions {
  /** Absolute paths of the entry files. */
  readonly entries: Readonly<Record<'gateway-host', string>>;
  readonly execArgv?: readonly string[];
  /** Passed on without what could steer or reach the gateway behind our back. */
  readonly env: NodeJS.ProcessEnv;
}

/** A grandchild that holds standard error must not keep the end of the process from being told. */
const LAST_WORDS_MS = 500;

/**
 * Starts our entry files as forks of this Node, each with a channel for plain data (structured
 * clone, so `undefined` survives). The channel closes when this process dies, by whatever means:
 * the entry has to end itself on `disconnect`.
 */
export function createForkStarter(options: ForkStarterOptions): HostProcessStarter {
  return {
    start: (entry) =>
      new ForkedHost(
        fork(options.entries[entry], [], {
          env: withoutSteering(options.env),
          execArgv: [...(options.execArgv ?? [])],
          stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
          serialization: 'advanced',
          windowsHide: true,
        }),
      ),
  };
}

/** Names are compared without case: Windows does not tell them apart. */
export function withoutSteering(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !/^(?:OPENCLAW_.*|NODE_OPTIONS)$/i.test(name)));
}

class ForkedHost implements HostProcess {
  readonly #child: ChildProcess;
  readonly #messageListeners = new Set<(message: unknown) => void>();
  readonly #exitListeners = new Set<(exitCode: number | undefined) => void>();
  readonly #lineListeners = new Set<(line: string) => void>();
  #ended = false;

  constructor(child: ChildProcess) {
    this.#child = child;
    const lines = new LineSplitter((line) => this.#lineListeners.forEach((listen) => listen(line)));
    child.stdout?.resume();
    child.stderr?.on('data', (chunk: Buffer) => lines.write(chunk));
    child.stderr?.once('end', () => lines.end());
    child.on('message', (message) => this.#messageListeners.forEach((listen) => listen(message)));
    child.on('error', (error) => this.#failed(error));
    child.once('exit', (code) => this.#exited(code ?? undefined));
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  send(message: unknown): void {
    // A process that is on its way out cannot take it; its end is told by `onExit`.
    if (this.#child.connected) this.#child.send(message as object, () => undefined);
  }

  onMessage(listener: (message: unknown) => void): void {
    this.#messageListeners.add(listener);
  }

  onExit(listener: (exitCode: number | undefined) => void): void {
    this.#exitListeners.add(listener);
  }

  onErrorLine(listener: (line: string) => void): void {
    this.#lineListeners.add(listener);
  }

  kill(signal: 'SIGTERM' | 'SIGKILL'): void {
    this.#child.kill(signal);
  }

  /** `error` comes instead of `exit` when the process could not be started at all. */
  #failed(error: Error): void {
    if (this.#child.pid !== undefined) return;
    this.#lineListeners.forEach((listen) => listen(error.message));
    this.#tellEnd(undefined);
  }

  #exited(code: number | undefined): void {
    const timer = setTimeout(() => this.#child.stderr?.destroy(), LAST_WORDS_MS);
    this.#child.once('close', () => {
      clearTimeout(timer);
      this.#tellEnd(code);
    });
    this.#child.stdout?.destroy();
  }

  #tellEnd(code: number | undefined): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#exitListeners.forEach((listen) => listen(code));
  }
}
