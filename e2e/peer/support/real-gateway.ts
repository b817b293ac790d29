import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';

import { endWithUs } from './end-with-us.ts';
import { freePort, untilAnswered } from './http-answers.ts';
import { createPrivateHome, OPENCLAW } from './private-home.ts';
import { treeMemory, type TreeMemory } from './process-tree.ts';

export interface RealGatewayOptions {
  /** Chosen by the system if not given. */
  readonly port?: number;
  /** Made up if not given. */
  readonly token?: string;
  /** Further keys of `gateway` in its configuration. */
  readonly config?: Readonly<Record<string, unknown>>;
}

/** The real OpenClaw gateway, in a home of its own. */
export interface RealGateway {
  /** `ws://127.0.0.1:PORT` */
  readonly url: string;
  readonly port: number;
  readonly token: string;
  /** With this, the command line finds this gateway and its configuration. */
  readonly env: Readonly<Record<string, string>>;
  readonly pid: number;
  /** From the start of the process to the first 200 of `/health` and of `/readyz`. */
  readonly startup: { readonly healthMs: number; readonly readyMs: number };
  memory(): Promise<TreeMemory>;
  /** Everything it has written so far. */
  output(): string;
  /** Ends it and removes its home. Resolves with its exit code. */
  stop(): Promise<number | undefined>;
}

const START_LIMIT_MS = 120_000;
const STOP_LIMIT_MS = 20_000;

/** Starts it and waits until it is ready. What fails to start is ended and its output is in the error. */
export async function startRealGateway(options: RealGatewayOptions = {}): Promise<RealGateway> {
  const { port = await freePort(), token = randomBytes(24).toString('hex'), config = {} } = options;
  const home = createPrivateHome();
  home.writeConfig({ gateway: { mode: 'local', port, bind: 'loopback', auth: { mode: 'token', token }, ...config } });
  const startedAtMs = performance.now();
  const child = spawn(process.execPath, [OPENCLAW, 'gateway', 'run'], {
    cwd: home.dir,
    env: { ...home.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  endWithUs(child);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => (output += chunk));
  }
  const stop = async (): Promise<number | undefined> => {
    const code = await end(child);
    home.remove();
    return code;
  };
  const waiting = { startedAtMs, timeoutMs: START_LIMIT_MS, stillRunning: () => isAlive(child) };
  try {
    const healthMs = await untilAnswered(`http://127.0.0.1:${port}/health`, waiting);
    const readyMs = await untilAnswered(`http://127.0.0.1:${port}/readyz`, waiting);
    const pid = child.pid!;
    const url = `ws://127.0.0.1:${port}`;
    const startup = { healthMs, readyMs };
    return { url, port, token, env: home.env, pid, startup, memory: () => treeMemory(pid), output: () => output, stop };
  } catch (error) {
    await stop();
    throw new Error(`The real gateway did not start:\n${output}`, { cause: error });
  }
}

function isAlive(child: ChildProcess): boolean {
  return child.pid !== undefined && child.exitCode === null && child.signalCode === null;
}

async function end(child: ChildProcess): Promise<number | undefined> {
  if (isAlive(child)) {
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    const force = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT_MS);
    await ended;
    clearTimeout(force);
  }
  return child.exitCode ?? undefined;
}
