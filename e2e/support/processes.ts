import { readdir, readFile, readlink } from 'node:fs/promises';

import { waitFor } from './wait-for.ts';

export interface ProcessEntry {
  readonly pid: number;
  readonly parentPid: number;
  /** The whole command line, arguments separated by spaces. */
  readonly command: string;
}

export interface ListeningPort {
  readonly pid: number;
  readonly port: number;
  readonly address: string;
}

/** Only Linux shows processes and their sockets as files. */
export const hasProc: boolean = process.platform === 'linux';

/** Why `descendants` and `listeningPorts` are empty-handed here; for `test.skip(!hasProc, NO_PROC)`. */
export const NO_PROC = `Processes and their ports are read from /proc, which ${process.platform} does not have.`;

/** A zombie is gone: it only waits for its parent to take notice. */
export async function isAlive(pid: number): Promise<boolean> {
  if (hasProc) return (await readStat(pid)) !== undefined;
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** @throws Error naming those that are still there when the time is over. */
export async function waitUntilGone(pids: readonly number[], timeoutMs = 10_000): Promise<void> {
  let left = pids;
  const probe = async (): Promise<true | undefined> => {
    const alive = await Promise.all(left.map(isAlive));
    left = left.filter((_, index) => alive[index]);
    return left.length === 0 ? true : undefined;
  };
  await waitFor(probe, { what: `the end of processes ${pids.join(', ')}`, timeoutMs }).catch((error: unknown) => {
    throw new Error(`Still running: ${left.join(', ')}.`, { cause: error });
  });
}

/** Children, grandchildren and so on of a process, nearest first. Empty, with a printed reason, without /proc. */
export async function descendants(pid: number = process.pid): Promise<readonly ProcessEntry[]> {
  if (!hasProc) return sayNone();
  const all = await readAll();
  const found: ProcessEntry[] = [];
  const parents = [pid];
  for (const parent of parents) {
    const children = all.filter(({ parentPid }) => parentPid === parent);
    found.push(...children);
    parents.push(...children.map((child) => child.pid));
  }
  return found;
}

/** TCP ports that a process and its descendants listen on. Empty, with a printed reason, without /proc. */
export async function listeningPorts(pid: number): Promise<readonly ListeningPort[]> {
  if (!hasProc) return sayNone();
  const pids = [pid, ...(await descendants(pid)).map((entry) => entry.pid)];
  const found = await Promise.all(pids.map(portsOf));
  return found.flat();
}

/** How many TCP sockets, listening or connected, a process and its descendants hold. 0, with a printed reason, without /proc. */
export async function tcpSocketCount(pid: number): Promise<number> {
  if (!hasProc) return sayNone().length;
  const pids = [pid, ...(await descendants(pid)).map((entry) => entry.pid)];
  const tables = await Promise.all(['tcp', 'tcp6'].map((name) => readFile(`/proc/${pid}/net/${name}`, 'utf8')));
  const known = new Set(tables.flatMap((table) => table.split('\n').map((line) => line.trim().split(/\s+/)[9])));
  const held = await Promise.all(pids.map(socketInodes));
  return held.flatMap((inodes) => [...inodes]).filter((inode) => known.has(inode)).length;
}

function sayNone(): readonly never[] {
  console.warn(NO_PROC);
  return [];
}

async function readAll(): Promise<ProcessEntry[]> {
  const names = await readdir('/proc');
  const pids = names.map(Number).filter((pid) => Number.isInteger(pid));
  const entries = await Promise.all(pids.map(readEntry));
  return entries.filter((entry) => entry !== undefined);
}

async function readEntry(pid: number): Promise<ProcessEntry | undefined> {
  const stat = await readStat(pid);
  if (stat === undefined) return undefined;
  const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  return { pid, parentPid: stat.parentPid, command: command.replaceAll('\0', ' ').trim() };
}

/** The name stands in parentheses and may contain anything, so the fields are counted from the last one. */
async function readStat(pid: number): Promise<{ parentPid: number } | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const [state, parentPid] = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return state === 'Z' || state === 'X' ? undefined : { parentPid: Number(parentPid) };
}

async function portsOf(pid: number): Promise<ListeningPort[]> {
  const [inodes, ...tables] = await Promise.all([
    socketInodes(pid),
    readFile(`/proc/${pid}/net/tcp`, 'utf8').catch(() => ''),
    readFile(`/proc/${pid}/net/tcp6`, 'utf8').catch(() => ''),
  ]);
  const sockets = tables.flatMap(parseListening).filter(({ inode }) => inodes.has(inode));
  return sockets.map(({ address, port }) => ({ pid, address, port }));
}

async function socketInodes(pid: number): Promise<Set<string>> {
  const folder = `/proc/${pid}/fd`;
  const names = await readdir(folder).catch(() => []);
  const links = await Promise.all(names.map((name) => readlink(`${folder}/${name}`).catch(() => '')));
  return new Set(links.flatMap((link) => /^socket:\[(\d+)\]$/.exec(link)?.[1] ?? []));
}

const LISTEN = '0A';

function parseListening(table: string): { address: string; port: number; inode: string }[] {
  const rows = table
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/));
  return rows
    .filter(([, , , state]) => state === LISTEN)
    .map((row) => {
      const [address = '', port = ''] = (row[1] ?? '').split(':');
      return { address: readableAddress(address), port: Number.parseInt(port, 16), inode: row[9] ?? '' };
    });
}

/** IPv4 is shown as one little-endian number; of IPv6 only the two addresses that matter are named. */
function readableAddress(hex: string): string {
  if (hex.length === 8) return [6, 4, 2, 0].map((at) => Number.parseInt(hex.slice(at, at + 2), 16)).join('.');
  if (/^0+$/.test(hex)) return '::';
  return /^0{24}0?1000000$/i.test(hex) ? '::1' : hex.toLowerCase();
}
