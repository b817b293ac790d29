import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

import { waitFor } from '../../support/wait-for.ts';
import { programs, type Computer } from './tailnet.ts';

/** `tailscale serve …` or `funnel …` in the foreground, as anybody could run it. */
export class Claimant implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly ended: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
  stdout = '';
  stderr = '';

  constructor(at: Computer, words: readonly string[]) {
    const child = spawn(join(programs(), 'tailscale'), [`--socket=${at.socket}`, ...words], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    child.stdout.setEncoding('utf8').on('data', (text: string) => (this.stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (this.stderr += text));
    this.ended = once(child, 'close').then(([code, signal]) => ({
      code: code as number | null,
      signal: signal as NodeJS.Signals | null,
    }));
  }

  static async ready(at: Computer, ...words: string[]): Promise<Claimant> {
    const claimant = new Claimant(at, words);
    await waitFor(() => claimant.stdout.includes('Press Ctrl+C to exit.') || undefined, {
      what: `the route\n${claimant.stderr}`,
    });
    return claimant;
  }

  get isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill('SIGCONT');
    this.#child.kill('SIGKILL');
    await this.ended;
  }
}
