import { closeSync, openSync, writeSync } from 'node:fs';
import { ReadStream } from 'node:tty';

import { LineEditor } from './line-editor.ts';

export interface LineRequest {
  readonly prompt: string;
  readonly echo: boolean;
  readonly signal: AbortSignal;
}

/** A terminal on which somebody can be asked. */
export interface TypingTerminal {
  write(text: string): void;
  /**
   * Shows `prompt` and reads the next line; `undefined` when the person gave up or `signal` ended it. What is not to be
   * seen is not shown, however fast it is typed behind the prompt.
   */
  readLine(options: LineRequest): Promise<string | undefined>;
  /** Gives the terminal back as it was. */
  close(): void;
}

const WINDOWS = process.platform === 'win32';
const INPUT = WINDOWS ? String.raw`\\.\CONIN$` : '/dev/tty';
const OUTPUT = WINDOWS ? String.raw`\\.\CONOUT$` : '/dev/tty';

/**
 * The terminal of this process, whatever its standard input and output lead to; `undefined` where there is none.
 * The caller closes it.
 */
export function openTerminal(): TypingTerminal | undefined {
  try {
    const output = openSync(OUTPUT, 'w');
    return new RawTerminal(new ReadStream(openSync(INPUT, 'r')), output);
  } catch {
    return undefined;
  }
}

/** Raw, because the system itself would show what is typed. */
class RawTerminal implements TypingTerminal {
  readonly #input: ReadStream;
  readonly #output: number;
  #rest = '';

  constructor(input: ReadStream, output: number) {
    this.#input = input;
    this.#output = output;
    input.setEncoding('utf8').pause();
  }

  write(text: string): void {
    writeSync(this.#output, text);
  }

  async readLine({ prompt, echo, signal }: LineRequest) {
    const editor = new LineEditor(echo ? (text) => this.write(text) : () => {});
    const { promise, resolve } = Promise.withResolvers<string | undefined>();
    const feed = (text: string) => {
      const { rest, line } = editor.feed(text);
      this.#rest = rest;
      if (line.status !== 'open') resolve(line.status === 'done' ? line.text : undefined);
    };
    const stop = () => resolve(undefined);
    this.#input.setRawMode(true);
    this.write(prompt);
    this.#input.on('data', feed).once('error', stop).once('end', stop);
    signal.addEventListener('abort', stop);
    if (signal.aborted) stop();
    // Typed ahead, or pasted with the line before.
    feed(this.#rest);
    this.#input.resume();
    const line = await promise;
    signal.removeEventListener('abort', stop);
    this.#input.off('data', feed).off('error', stop).off('end', stop).pause();
    this.#input.setRawMode(false);
    this.write('\n');
    return line;
  }

  close(): void {
    this.#input.destroy();
    closeSync(this.#output);
  }
}
