import { readFileSync, rmSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { loadavg } from 'node:os';
import { join } from 'node:path';

import { hasProc, NO_PROC } from '../e2e/support/processes.ts';
import { PrivateSshd, whyNoSshd } from '../e2e/support/private-sshd.ts';
import type { TunnelLane, TunnelRoute } from './tunnel-lanes.ts';
import { measureCarried, type Carried, type CarriedLane } from './tunnel-carried.ts';
import { measureStock } from './tunnel-handshake.ts';
import { measureCrowd, sampleTunnel, type Crowd, type TunnelSample } from './tunnel-sample.ts';
import { startTunnelServer } from './tunnel-server.ts';
import { printTunnelTable, type TunnelResults } from './tunnel-table.ts';

const DEFAULT_RUNS = 5;
const LANES: readonly TunnelLane[] = ['ours', 'ssh', 'ssh-gcm'];

/**
 * Our tunnel beside `ssh -N -L` with its defaults, and with its fastest cipher, through one private sshd on loopback. Every run has fresh
 * processes. GANGWAY_BENCH_RUNS sets how many runs.
 */
export async function benchTunnel(): Promise<void> {
  const problem = hasProc ? whyNoSshd() : NO_PROC;
  if (problem !== undefined) return console.log(problem);
  await using server = await startTunnelServer();
  await using sshd = await PrivateSshd.create();
  const forget = endEverythingAtExit(sshd.folder);
  try {
    await sshd.start();
    printTunnelTable(await compare(sshd, server.port));
  } finally {
    forget();
  }
  console.log('autossh is not among the lanes: it runs the same ssh, and differs in the recovery alone.');
}

async function compare(sshd: PrivateSshd, remotePort: number): Promise<TunnelResults> {
  const folder = join(sshd.folder, 'bench');
  await mkdir(folder);
  const { user, identityFile, knownHostsFile, port: sshPort } = sshd;
  const route: TunnelRoute = { user, sshPort, identityFile, knownHostsFile, remotePort, folder };
  const samples: Record<TunnelLane, TunnelSample[]> = { ours: [], ssh: [], 'ssh-gcm': [] };
  const direct: (Carried & Crowd)[] = [];
  const stockMs: number[] = [];
  for (let run = 1; run <= runs(); run += 1) {
    const carried = await measureCarried(route);
    report(run, carried);
    direct.push({ ...carried.direct, ...(await measureCrowd(remotePort)) });
    stockMs.push(await measureStock(route));
    for (const lane of run % 2 === 1 ? LANES : LANES.toReversed()) {
      samples[lane].push({ ...carried[lane], ...(await sampleTunnel(lane, sshd, route)) });
    }
  }
  return { ...samples, direct, stockMs };
}

/** Leaves nothing behind when a signal ends this process halfway: every child of it belongs to this benchmark. */
function endEverythingAtExit(folder: string): () => void {
  const end = (): void => {
    const children = readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').trim().split(' ');
    for (const pid of children.filter((text) => text !== '')) process.kill(Number(pid), 'SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  };
  process.once('exit', end);
  return () => void process.removeListener('exit', end);
}

function runs(): number {
  const asked = Number(process.env['GANGWAY_BENCH_RUNS']);
  return Number.isInteger(asked) && asked > 0 ? asked : DEFAULT_RUNS;
}

function report(run: number, carried: Readonly<Record<CarriedLane, Carried>>): void {
  const load = loadavg()[0]?.toFixed(1) ?? '?';
  const each = LANES.map((lane) => {
    const { upMibPerS, downMibPerS, echoP50Us, echoP99Us } = carried[lane];
    const [up, down, p50, p99] = [upMibPerS, downMibPerS, echoP50Us, echoP99Us].map((figure) => figure.toFixed(0));
    return `${lane} up ${up} and down ${down} MiB/s, echo ${p50} / ${p99} us`;
  });
  console.log(`run ${run}: ${each.join('; ')}; load ${load}`);
}
