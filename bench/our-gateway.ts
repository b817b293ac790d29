import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import { endWithUs } from '../e2e/peer/support/end-with-us.ts';
import { untilAnswered } from '../e2e/peer/support/http-answers.ts';
import { treeMemory, type TreeMemory } from '../e2e/peer/support/process-tree.ts';

const CLI = fileURLToPath(new URL('../out/main/cli.js', import.meta.url));
const START_LIMIT_MS = 30_000;
const STOP_LIMIT_MS = 10_000;

/** `gangway gateway` as it is built, in a home of its own on a port chosen by the system. */
export interface OurGateway {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  readonly port: number;
  readonly token: string;
  readonly pid: number;
  /** From the start of the process to the first 200 of `/health`. */
  readonly healthMs: number;
  memory(): Promise<TreeMemory>;
  stop(): Promise<void>;
}

/** @throws Error with what it wrote, when it does not start */
export async function startOurGateway(): Promise<OurGateway> {
  const home = mkdtempSync(join(tmpdir(), 'gangway-bench-'));
  const startedAtMs = performance.now();
  const child = spawn(process.execPath, [CLI, 'gateway', '--port', '0', '--json'], {
    env: { ...process.env, GANGWAY_HOME: join(home, 'gangway') },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  endWithUs(child);
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (errors += chunk));
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const isAlive = () => child.exitCode === null && child.signalCode === null;
  const stop = async (): Promise<void> => {
    const force = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT_MS);
    if (isAlive()) child.kill('SIGTERM');
    await ended;
    clearTimeout(force);
    rmSync(home, { recursive: true, force: true });
  };
  try {
    const url = await firstUrl(child.stdout);
    const waiting = { startedAtMs, timeoutMs: START_LIMIT_MS, stillRunning: isAlive };
    const healthMs = await untilAnswered(`${url}/health`, waiting);
    const pid = child.pid!;
    const port = Number(new URL(url).port);
    const token = readFileSync(join(home, 'gangway', 'secrets', 'gateway.local.token'), 'utf8').trim();
    return { url, port, token, pid, healthMs, memory: () => treeMemory(pid), stop };
  } catch (error) {
    await stop();
    throw new Error(`Our gateway did not start:\n${errors}`, { cause: error });
  }
}

/** The address in its first line of JSON. @throws Error when it ends without one */
async function firstUrl(output: NodeJS.ReadableStream): Promise<string> {
  for await (const line of createInterface({ input: output })) {
    const { url } = JSON.parse(line) as { readonly url?: string };
    if (url !== undefined) return url;
  }
  throw new Error('It ended before it listened');
}
