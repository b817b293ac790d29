import { spawn } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { RunningCli, startCli } from '../e2e/support/cli.ts';
import { testEnvironment } from '../e2e/support/environment.ts';
import { freePort } from '../e2e/support/free-port.ts';
import { openAndEcho } from './tunnel-load.ts';

/** `ssh-gcm` is OpenSSH with the cipher that is its fastest here, and ours; the bar is `ssh`, its defaults. */
export type TunnelLane = 'ours' | 'ssh' | 'ssh-gcm';

/** Where a tunnel leads and how it signs in. */
export interface TunnelRoute {
  readonly user: string;
  readonly sshPort: number;
  readonly identityFile: string;
  readonly knownHostsFile: string;
  readonly remotePort: number;
  /** For what a program keeps; removed by the caller. */
  readonly folder: string;
}

export interface RunningTunnel extends AsyncDisposable {
  readonly pid: number;
  readonly localPort: number;
  /** From the start of the process to the first echo through it. */
  readonly startMs: number;
  /** `performance.now()` of that echo. */
  readonly readyAtMs: number;
}

const READY_LIMIT_MS = 20_000;
const RETRY_MS = 3;

/** A fresh process of the lane, once an echo has come back through it. @throws Error with what it said */
export async function startTunnel(lane: TunnelLane, route: TunnelRoute): Promise<RunningTunnel> {
  const localPort = await freePort();
  const startedAtMs = performance.now();
  const ciphers = lane === 'ssh-gcm' ? ['-c', 'aes128-gcm@openssh.com'] : [];
  const program = lane === 'ours' ? startOurs(route, localPort) : startSsh(route, localPort, ciphers);
  try {
    await firstEcho(localPort, startedAtMs + READY_LIMIT_MS);
  } catch (error) {
    await program.stop();
    throw new Error(`${lane} did not get ready:\n${program.stdout}${program.stderr}`, { cause: error });
  }
  const readyAtMs = performance.now();
  return {
    pid: program.pid,
    localPort,
    startMs: readyAtMs - startedAtMs,
    readyAtMs,
    [Symbol.asyncDispose]: async () => void (await program.stop()),
  };
}

/** The same server under the port of a relay before it. */
export async function routeOver(sshPort: number, route: TunnelRoute): Promise<TunnelRoute> {
  const known = await readFile(route.knownHostsFile, 'utf8');
  const knownHostsFile = join(route.folder, `known_hosts_${sshPort}`);
  await writeFile(knownHostsFile, known.replace(`:${route.sshPort} `, `:${sshPort} `));
  return { ...route, sshPort, knownHostsFile };
}

/** `gangway tunnel` as it is built; not waited for. */
export function startOurs(route: TunnelRoute, localPort: number): RunningCli {
  const ports = ['--local-port', `${localPort}`, '--remote-port', `${route.remotePort}`];
  const keys = ['--identity', route.identityFile, '--known-hosts', route.knownHostsFile];
  const target = `${route.user}@127.0.0.1:${route.sshPort}`;
  return startCli(['tunnel', target, ...ports, ...keys, '--json'], { home: route.folder });
}

/** The defaults of OpenSSH; the options only keep the user's own files and questions out of it. */
function startSsh(route: TunnelRoute, localPort: number, more: readonly string[]): RunningCli {
  const settings = [
    `UserKnownHostsFile=${route.knownHostsFile}`,
    'GlobalKnownHostsFile=none',
    'StrictHostKeyChecking=yes',
    'IdentitiesOnly=yes',
    'IdentityAgent=none',
    'BatchMode=yes',
  ].flatMap((setting) => ['-o', setting]);
  const forward = `127.0.0.1:${localPort}:127.0.0.1:${route.remotePort}`;
  const server = ['-p', `${route.sshPort}`, `${route.user}@127.0.0.1`];
  const options = ['-F', 'none', '-i', route.identityFile, ...settings, ...more];
  const child = spawn('ssh', [...options, '-N', '-L', forward, ...server], {
    env: testEnvironment(route.folder),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return new RunningCli(child, READY_LIMIT_MS);
}

async function firstEcho(port: number, endMs: number): Promise<void> {
  for (;;) {
    try {
      await openAndEcho(port);
      return;
    } catch (error) {
      if (performance.now() > endMs) throw error;
      await delay(RETRY_MS);
    }
  }
}
