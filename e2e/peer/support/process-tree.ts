import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Resident memory of a process and all its descendants. */
export interface TreeMemory {
  readonly bytes: number;
  readonly processes: number;
}

/** @throws Error when the process is gone */
export async function treeMemory(pid: number): Promise<TreeMemory> {
  const { stdout } = await run('ps', ['-A', '-o', 'pid=,ppid=,rss=']);
  const rows = stdout.trim().split('\n').map(toRow);
  const members = new Set([pid]);
  // A child can be listed before its parent: go on until nobody is added.
  for (let size = 0; size !== members.size;) {
    size = members.size;
    for (const row of rows) if (members.has(row.parent)) members.add(row.pid);
  }
  const tree = rows.filter((row) => members.has(row.pid));
  if (!tree.some((row) => row.pid === pid)) throw new Error(`Process ${pid} is gone`);
  return { bytes: tree.reduce((sum, { rssKib }) => sum + rssKib * 1024, 0), processes: tree.length };
}

function toRow(line: string): { readonly pid: number; readonly parent: number; readonly rssKib: number } {
  const [pid = 0, parent = 0, rssKib = 0] = line.trim().split(/\s+/).map(Number);
  return { pid, parent, rssKib };
}
