import { open, stat } from 'node:fs/promises';
import { join } from 'node:path';

import type { NodeSurroundings } from './surroundings.ts';
import { EXIT, type ExitCode, type Terminal } from './terminal.ts';
import { untilSignal } from './until-signal.ts';

export interface LogCommandOptions {
  readonly source: 'app' | 'gateway' | 'tunnel';
  readonly lines: number;
  readonly follow: boolean;
  readonly json: boolean;
}

/** So much of the end of a file is read for the last lines. */
const TAIL_BYTES = 1024 * 1024;
const LOOK_EVERY_MS = 250;

/** `gangway logs`: the end of a log, and what comes after it. Works without the app: it reads the file. */
export async function logCommand(
  terminal: Terminal,
  { paths, clock }: NodeSurroundings,
  options: LogCommandOptions,
): Promise<ExitCode> {
  const file = join(paths.logs, `${options.source}.log`);
  const show = (lines: readonly string[]): void => {
    for (const line of lines) terminal.out(`${options.json ? line : readable(line)}\n`);
  };
  const size = (await stat(file).catch(() => undefined))?.size ?? 0;
  if (size === 0) terminal.err(`gangway: ${file} is empty so far\n`);
  show((await readLines(file, Math.max(0, size - TAIL_BYTES), size)).slice(-options.lines));
  if (!options.follow) return EXIT.done;
  const watch = new Follower(file, size, show);
  let disarm = (): void => {};
  const look = async (): Promise<void> => {
    await watch.look();
    disarm = clock.after(LOOK_EVERY_MS, () => void look());
  };
  void look();
  await untilSignal();
  disarm();
  return EXIT.done;
}

/** Reads what was added since the last look. A file that got shorter was rotated, and is read from its start. */
class Follower {
  readonly #file: string;
  readonly #show: (lines: readonly string[]) => void;
  #at: number;

  constructor(file: string, at: number, show: (lines: readonly string[]) => void) {
    this.#file = file;
    this.#at = at;
    this.#show = show;
  }

  async look(): Promise<void> {
    const size = (await stat(this.#file).catch(() => undefined))?.size ?? 0;
    if (size < this.#at) this.#at = 0;
    if (size === this.#at) return;
    this.#show(await readLines(this.#file, this.#at, size));
    this.#at = size;
  }
}

/** Whole lines between two offsets; lines are written at once, so an end of file is an end of line. */
async function readLines(file: string, from: number, to: number): Promise<readonly string[]> {
  const handle = await open(file).catch(() => undefined);
  if (handle === undefined) return [];
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(to - from), 0, to - from, from);
    return buffer
      .toString('utf8', 0, bytesRead)
      .split('\n')
      .filter((line) => line !== '');
  } finally {
    await handle.close();
  }
}

/** `05:32:23 info  gateway: gateway listens  url=http://127.0.0.1:18789` */
function readable(line: string): string {
  try {
    const { time, level, source, message, fields = {} } = JSON.parse(line) as Record<string, unknown>;
    const rest = Object.entries(fields as object).map(([name, value]) => `${name}=${plain(value)}`);
    return [`${String(time)} ${String(level).padEnd(5)} ${String(source)}: ${String(message)}`, ...rest].join('  ');
  } catch {
    return line;
  }
}

function plain(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
