import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { z } from 'zod';

const Holder = z.object({ pid: z.int().positive() });

/**
 * The name plate of the process that holds the state folder. The lock itself is the one the system keeps on the
 * database, which ends with the process; this only says who it is.
 */
const plateOf = (folder: string): string => join(folder, 'holder.json');

export function writeHolder(folder: string): void {
  writeFileSync(plateOf(folder), `${JSON.stringify({ pid: process.pid })}\n`, { mode: 0o600 });
}

/** `undefined` when nobody has written who it is. */
export function readHolder(folder: string): number | undefined {
  try {
    return Holder.parse(JSON.parse(readFileSync(plateOf(folder), 'utf8'))).pid;
  } catch {
    return undefined;
  }
}

export function removeHolder(folder: string): void {
  rmSync(plateOf(folder), { force: true });
}
