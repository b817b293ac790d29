import { fork, type ChildProcess } from 'node:child_process';
import { execPath } from 'node:process';

import { readiness } from './readiness.ts';
import { StrictEmitter } from './strict.ts';

const GRACE_MS = 1000;
const REGISTER_URL = new URL('./register.ts', import.meta.url).href;

const children = new Set<ChildProcess>();

/** A Node child with `process.parentPort`. It ends with the double, however that ends: see utility-host.ts. */
export class UtilityProcess
  extends StrictEmitter
  implements Pick<Electron.UtilityProcess, 'kill' | 'pid' | 'postMessage' | 'stderr' | 'stdout'>
{
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    super();
    this.#child = child;
    child
      .once('spawn', () => this.emit('spawn'))
      .on('message', ({ data }: { data: unknown }) => this.emit('message', data))
      // Electron reports a plain code also for a child that a signal ended.
      .once('exit', (code) => this.emit('exit', code ?? 0));
  }

  static fork(file: string, args: string[] = [], options: Electron.ForkOptions = {}): UtilityProcess {
    readiness.require('utilityProcess cannot be created before app is ready');
    const child = fork(file, args, {
      execPath,
      execArgv: [...(options.execArgv ?? []), '--disable-warning=ExperimentalWarning', '--import', REGISTER_URL],
      // The structured clone algorithm, as between Electron's processes: functions cannot be sent.
      serialization: 'advanced',
      cwd: options.cwd,
      env: { ...(options.env ?? process.env), EDOUBLE_UTILITY: '1' },
      stdio: ['ignore', ...outputs(options.stdio), 'ipc'],
    });
    children.add(child);
    child.once('exit', () => children.delete(child));
    return new UtilityProcess(child);
  }

  get pid(): number | undefined {
    return this.#child.exitCode === null && this.#child.signalCode === null ? this.#child.pid : undefined;
  }

  get stdout(): NodeJS.ReadableStream | null {
    return this.#child.stdout;
  }

  get stderr(): NodeJS.ReadableStream | null {
    return this.#child.stderr;
  }

  postMessage(message: unknown): void {
    if (this.#child.connected) this.#child.send({ data: message });
  }

  kill(): boolean {
    return this.#child.kill();
  }
}

/** Ends every child and resolves when none is left. */
export async function endUtilityProcesses(): Promise<void> {
  await Promise.all([...children].map(end));
}

async function end(child: ChildProcess): Promise<void> {
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill();
  const impatience = setTimeout(() => child.kill('SIGKILL'), GRACE_MS);
  await gone;
  clearTimeout(impatience);
}

type Output = 'inherit' | 'ignore' | 'pipe';

function outputs(stdio: Electron.ForkOptions['stdio'] = 'inherit'): [Output, Output] {
  if (!Array.isArray(stdio)) return [stdio as Output, stdio as Output];
  const [, stdout, stderr] = stdio as Output[];
  return [stdout ?? 'inherit', stderr ?? 'inherit'];
}
