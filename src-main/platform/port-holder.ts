import { readdir, readlink } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { basename } from 'node:path';

import type { PortHolder } from '../contract/errors.ts';
import { listeningInodes, parseLsof, parseNetstat } from './port-tables.ts';
import type { Files, ProgramRunner } from './ports.ts';
import { systemErrorCode } from './system-error.ts';

export interface PortHolderDeps {
  readonly runner: ProgramRunner;
  readonly files: Files;
  readonly platform: NodeJS.Platform;
}

const UNKNOWN: PortHolder = { pid: undefined, program: undefined };
const TIMEOUT_MS = 5_000;

/** Gateways use ports next to their own, so two of them stay this far apart. */
const STEP = 120;
const MAX_STEPS = 10;
const ANSWER_TIMEOUT_MS = 500;
const LOOPBACK = ['127.0.0.1', '::1'];

/**
 * Names the process that listens on a TCP port of this computer, as far as the system tells this
 * user: a process of somebody else often stays unknown. Never throws.
 */
export async function findPortHolder(port: number, deps: PortHolderDeps): Promise<PortHolder> {
  try {
    if (deps.platform === 'linux') return await findOnLinux(port, deps);
    if (deps.platform === 'win32') return await findOnWindows(port, deps);
    return await findWithLsof(port, deps);
  } catch {
    return UNKNOWN;
  }
}

/** From `/proc`, as `lsof` and `ss` are not everywhere. */
async function findOnLinux(port: number, { files }: PortHolderDeps): Promise<PortHolder> {
  const tables = await Promise.all(['/proc/net/tcp', '/proc/net/tcp6'].map((table) => files.read(table)));
  const sockets = new Set(
    tables.flatMap((table) => listeningInodes(table ?? '', port)).map((inode) => `socket:[${inode}]`),
  );
  if (sockets.size === 0) return UNKNOWN;
  const processes = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  for (const pid of processes) {
    if (await holdsOne(pid, sockets)) return { pid: Number(pid), program: await programOf(pid, files) };
  }
  return UNKNOWN;
}

async function holdsOne(pid: string, sockets: ReadonlySet<string>): Promise<boolean> {
  // Processes end while we look, and those of other users do not let us in.
  const descriptors = await readdir(`/proc/${pid}/fd`).catch(() => []);
  for (const descriptor of descriptors) {
    const target = await readlink(`/proc/${pid}/fd/${descriptor}`).catch(() => '');
    if (sockets.has(target)) return true;
  }
  return false;
}

async function programOf(pid: string, files: Files): Promise<string | undefined> {
  // The name of a thread (`MainThread` in Node) says less than the program it runs.
  const [file] = ((await files.read(`/proc/${pid}/cmdline`).catch(() => '')) ?? '').split('\0');
  const name = file ? basename(file) : (await files.read(`/proc/${pid}/comm`).catch(() => ''))?.trim();
  return name || undefined;
}

async function findWithLsof(port: number, { runner }: PortHolderDeps): Promise<PortHolder> {
  const args = ['-nP', `-iTCP:${port}`, '-sTCP:LISTEN', '-Fpc'];
  return parseLsof((await runner.run('lsof', args, { timeoutMs: TIMEOUT_MS })).stdout);
}

async function findOnWindows(port: number, { runner }: PortHolderDeps): Promise<PortHolder> {
  const connections = await runner.run('netstat.exe', ['-ano'], { timeoutMs: TIMEOUT_MS });
  const pid = parseNetstat(connections.stdout, port);
  if (pid === undefined) return UNKNOWN;
  const args = ['/FI', `PID eq ${pid}`, '/FO', 'CSV', '/NH'];
  const tasks = await runner.run('tasklist.exe', args, { timeoutMs: TIMEOUT_MS }).catch(() => undefined);
  return { pid, program: /^"([^"]+)","\d+"/.exec(tasks?.stdout.trim() ?? '')?.[1] };
}

/** The first of up to ten ports from `startAt`, 120 apart, that nothing uses on either loopback address. */
export async function findFreePort(startAt: number): Promise<number | undefined> {
  for (let step = 0; step < MAX_STEPS; step += 1) {
    const port = startAt + step * STEP;
    if (port > 65_535) return undefined;
    if (await isFree(port)) return port;
  }
  return undefined;
}

async function isFree(port: number): Promise<boolean> {
  for (const host of LOOPBACK) {
    // On macOS and Windows one can listen on loopback beside a program that listens on all addresses.
    if (!(await canListen(host, port)) || (await accepts(host, port))) return false;
  }
  return true;
}

function canListen(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    // Without IPv6 there is no second loopback address that could be taken.
    server.once('error', (error) => resolve(['EADDRNOTAVAIL', 'EAFNOSUPPORT'].includes(systemErrorCode(error) ?? '')));
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(true)));
  });
}

function accepts(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: ANSWER_TIMEOUT_MS });
    const done = (accepted: boolean): void => {
      socket.destroy();
      resolve(accepted);
    };
    socket.once('connect', () => done(true));
    socket.once('timeout', () => done(false));
    socket.once('error', () => done(false));
  });
}
