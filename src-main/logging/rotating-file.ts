import { closeSync, fchmodSync, fstatSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

import { createRepeatFilter } from './repeat-filter.ts';

export interface RotatingFileOptions {
  /** The file is put aside before it grows beyond this. */
  readonly maxBytes: number;
  /** How many older files stay: `app.log.1` is the newest. */
  readonly keep: number;
  /** Milliseconds since the epoch; the clock of this computer unless told. */
  readonly now?: () => number;
}

export interface RotatingFile {
  write(text: string): void;
  close(): Promise<void>;
}

/**
 * A log file of mode 0600 that never outgrows its limits and never throws: a full or broken disk
 * costs lines of the log and nothing else, and the gap is told in the file once it can be written.
 * The same line over and over is written a few times a minute, then counted.
 *
 * Writes at once, on the calling thread: the last words before a crash are the ones that matter.
 */
export function createRotatingFile(path: string, options: RotatingFileOptions): RotatingFile {
  const file = new LogFile(path, options);
  const filter = createRepeatFilter((text) => file.write(text), options.now ?? Date.now);
  return {
    write: (text) => filter.write(text),
    close: async () => {
      filter.flush();
      file.close();
    },
  };
}

class LogFile {
  readonly #path: string;
  readonly #limits: { readonly maxBytes: number; readonly keep: number };
  #open: { readonly descriptor: number; bytes: number } | undefined;
  #lostLines = 0;

  constructor(path: string, limits: { readonly maxBytes: number; readonly keep: number }) {
    this.#path = path;
    this.#limits = limits;
  }

  write(text: string): void {
    try {
      const gap = this.#lostLines === 0 ? '' : `${this.#lostLines} lines could not be written here\n`;
      this.#append(Buffer.from(gap + text));
      this.#lostLines = 0;
    } catch {
      this.#lostLines += 1;
      this.close();
    }
  }

  close(): void {
    const { descriptor } = this.#open ?? {};
    this.#open = undefined;
    if (descriptor === undefined) return;
    try {
      closeSync(descriptor);
    } catch {
      // The disk is gone; so is the file.
    }
  }

  #append(bytes: Buffer): void {
    let open = this.#open ?? this.#reopen();
    if (open.bytes > 0 && open.bytes + bytes.length > this.#limits.maxBytes) open = this.#rotate();
    for (let done = 0; done < bytes.length;) done += writeSync(open.descriptor, bytes, done);
    open.bytes += bytes.length;
  }

  #reopen(): { readonly descriptor: number; bytes: number } {
    mkdirSync(dirname(this.#path), { recursive: true, mode: 0o700 });
    const descriptor = openSync(this.#path, 'a', 0o600);
    this.#open = { descriptor, bytes: 0 };
    // A file left by something else may be readable to others.
    if (process.platform !== 'win32') fchmodSync(descriptor, 0o600);
    this.#open.bytes = fstatSync(descriptor).size;
    return this.#open;
  }

  #rotate(): { readonly descriptor: number; bytes: number } {
    this.close();
    const { keep } = this.#limits;
    const name = (age: number): string => (age === 0 ? this.#path : `${this.#path}.${age}`);
    rmSync(name(keep), { force: true });
    for (let age = keep - 1; age >= 0; age -= 1) moveIfThere(name(age), name(age + 1));
    return this.#reopen();
  }
}

function moveIfThere(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
  }
}
