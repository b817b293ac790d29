import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';

import { REPOSITORY } from '../launch.ts';
import { pinnedNode } from './cli.ts';
import { testEnvironment } from './environment.ts';
import { waitFor } from './wait-for.ts';

/** `undefined` where a program can be given a terminal of its own; else why not, for `test.skip`. */
export function whyNoTerminal(): string | undefined {
  if (process.platform !== 'linux') return 'the words of script(1) are those of util-linux';
  return spawnSync('script', ['--version']).status === 0 ? undefined : 'script(1) of util-linux is missing';
}

/** `gangway ARGS` on a terminal of its own: what it shows there, and what a person types. */
export class OnTerminal implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #ended: Promise<number | undefined>;
  #shown = '';

  constructor(args: readonly string[], { home }: { readonly home: string }) {
    const words = [pinnedNode(), join(REPOSITORY, 'out/main/cli.js'), ...args];
    const command = `exec ${words.map((word) => `'${word.replaceAll("'", String.raw`'\''`)}'`).join(' ')}`;
    const env = testEnvironment(home, { TERM: 'dumb' });
    const child = spawn('script', ['--quiet', '--flush', '--return', '--command', command, '/dev/null'], {
      env,
      cwd: home,
    });
    this.#child = child;
    child.stdin.on('error', () => undefined);
    child.stdout.setEncoding('utf8').on('data', (text: string) => (this.#shown += text));
    this.#ended = new Promise((resolve) => child.once('close', (code) => resolve(code ?? undefined)));
  }

  /** Everything that was to be seen so far. */
  get shown(): string {
    return this.#shown;
  }

  /** Resolves with the exit code. */
  get ended(): Promise<number | undefined> {
    return this.#ended;
  }

  /** Waits until `text` is shown so many times. */
  async waitForText(text: string, times = 1): Promise<void> {
    const isShown = (): true | undefined => (this.#shown.split(text).length > times ? true : undefined);
    await waitFor(isShown, { what: `“${text}” on the terminal` }).catch((error: unknown) => {
      throw new Error(`${String(error)}\nshown:\n${this.#shown}`, { cause: error });
    });
  }

  type(keys: string): void {
    this.#child.stdin?.write(keys);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Ends the terminal, and with it the program on it.
    this.#child.kill('SIGTERM');
    await this.#ended;
  }
}
