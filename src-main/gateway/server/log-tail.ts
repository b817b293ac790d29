import { open, type FileHandle } from 'node:fs/promises';

export interface LogTail {
  readonly file: string;
  /** Where the next call goes on, bytes. */
  readonly cursor: number;
  readonly size: number;
  readonly lines: readonly string[];
  /** There was more than was asked for. */
  readonly truncated?: boolean;
  /** The file is another one than the cursor was of: it was rotated. */
  readonly reset?: boolean;
}

interface TailOptions {
  readonly cursor: number | undefined;
  readonly limit: number;
  readonly maxBytes: number;
}

/** The newest lines of a log, or those since the cursor, in the form the command line of the protocol reads. */
export async function tailLog(file: string, options: TailOptions): Promise<LogTail> {
  const handle = await open(file, 'r').catch(() => undefined);
  if (handle === undefined) return { file, cursor: 0, size: 0, lines: [] };
  try {
    return await tail(file, handle, options);
  } finally {
    await handle.close();
  }
}

async function tail(file: string, handle: FileHandle, { cursor, limit, maxBytes }: TailOptions): Promise<LogTail> {
  const { size } = await handle.stat();
  const isReset = cursor !== undefined && cursor > size;
  const wanted = cursor === undefined || isReset ? 0 : cursor;
  const from = Math.max(wanted, size - maxBytes);
  const text = await readText(handle, from, size);
  // A line that is still being written is left for the next time, one that was cut at its beginning is dropped.
  const end = text.lastIndexOf('\n') + 1;
  const whole = text.slice(from > wanted ? text.indexOf('\n') + 1 : 0, end);
  const lines = whole.split('\n').filter((line) => line !== '');
  return {
    file,
    cursor: size - Buffer.byteLength(text.slice(end)),
    size,
    lines: lines.slice(-limit).map(toProtocolLine),
    ...((from > wanted || lines.length > limit) && { truncated: true }),
    ...(isReset && { reset: true }),
  };
}

async function readText(handle: FileHandle, from: number, to: number): Promise<string> {
  const buffer = Buffer.alloc(to - from);
  const { bytesRead } = await handle.read(buffer, 0, buffer.length, from);
  return buffer.toString('utf8', 0, bytesRead);
}

/** `{time, level, source, message, fields}` of our log with the names that clients look for. */
function toProtocolLine(line: string): string {
  try {
    const { level, source, ...entry } = JSON.parse(line) as { level?: string; source?: string; time?: string };
    const meta = { logLevelName: level?.toUpperCase(), name: JSON.stringify({ subsystem: source }), date: entry.time };
    return JSON.stringify({ ...entry, subsystem: source, _meta: meta });
  } catch {
    return line;
  }
}
