import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { hasProc, NO_PROC } from '../e2e/support/processes.ts';
import { PrivateSshd, whyNoSshd } from '../e2e/support/private-sshd.ts';
import { startSlowPath } from './slow-path.ts';
import { residentMib } from './tunnel-cost.ts';
import { startTunnel, type RunningTunnel, type TunnelLane, type TunnelRoute } from './tunnel-lanes.ts';
import { BULK_BYTES, CHUNK_BYTES, crowd, openAndEcho, PURPOSE, receiveBulk, sendBulk } from './tunnel-load.ts';
import { startTunnelServer } from './tunnel-server.ts';
import { underPort } from './under-port.ts';

interface FarSample {
  readonly 'bulk down, MiB/s': number;
  readonly 'bulk up, MiB/s': number;
  /** On a line that nobody has used for a while. */
  readonly 'first connection to echo, ms': number;
  readonly 'connections that follow, ms': number;
  readonly '1000 connections at once, errors': number;
  readonly '100 uploads to a server that stands still, MiB': number;
}

const FAR = { delayMs: 40, bytesPerSecond: 1_000_000_000, queueBytes: 256 * 1024 * 1024 };
const RUNS = 3;
const MIB = 1024 * 1024;
const QUIET_MS = 12_000;
const UPLOADS = 100;
const STALL_MS = 2_500;
const LANES: readonly TunnelLane[] = ['ours', 'ssh'];

/** Our tunnel beside `ssh -N -L` over a relay with a round trip of 80 ms, by turns. */
export async function benchFarTunnel(): Promise<void> {
  const problem = hasProc ? whyNoSshd() : NO_PROC;
  if (problem !== undefined) return console.log(problem);
  await using server = await startTunnelServer();
  await using sshd = await PrivateSshd.create();
  await sshd.start();
  const folder = join(sshd.folder, 'far');
  await mkdir(folder);
  const { user, identityFile, knownHostsFile, port: sshPort } = sshd;
  const near = { user, sshPort, identityFile, knownHostsFile, remotePort: server.port, folder };
  await using path = await startSlowPath(sshPort, FAR);
  const far = await underPort(path.port, near);
  const samples: Record<TunnelLane, FarSample[]> = { ours: [], ssh: [] };
  for (let run = 1; run <= RUNS; run += 1) {
    for (const lane of run % 2 === 1 ? LANES : LANES.toReversed()) {
      const sample = await sampleFar(lane, { near, far }, sshd);
      samples[lane].push(sample);
      console.log(`run ${run}: ${lane} ${JSON.stringify(sample, (_key, value) => round(value))}`);
    }
  }
  printTable(samples);
}

async function sampleFar(
  lane: TunnelLane,
  { near, far }: { readonly near: TunnelRoute; readonly far: TunnelRoute },
  sshd: PrivateSshd,
): Promise<FarSample> {
  const distant = await (async () => {
    await using tunnel = await startTunnel(lane, far);
    await delay(QUIET_MS);
    const first = await openAndEcho(tunnel.localPort);
    const following: number[] = [];
    for (let index = 0; index < 5; index += 1) {
      await delay(200);
      following.push(await openAndEcho(tunnel.localPort));
    }
    const downMs = await receiveBulk(tunnel.localPort);
    const upMs = await sendBulk(tunnel.localPort);
    return { first, following: median(following), downMs, upMs };
  })();
  await using tunnel = await startTunnel(lane, near);
  const { errors } = await crowd(tunnel.localPort, 1_000);
  const speed = (ms: number): number => BULK_BYTES / MIB / (ms / 1_000);
  return {
    'bulk down, MiB/s': speed(distant.downMs),
    'bulk up, MiB/s': speed(distant.upMs),
    'first connection to echo, ms': distant.first,
    'connections that follow, ms': distant.following,
    '1000 connections at once, errors': errors,
    '100 uploads to a server that stands still, MiB': await stalledMib(tunnel, sshd),
  };
}

/** Resident memory of the tunnel once nothing more goes into it, with every process of the server stopped. */
async function stalledMib(tunnel: RunningTunnel, sshd: PrivateSshd): Promise<number> {
  const sockets = await Promise.all(Array.from({ length: UPLOADS }, () => beginUpload(tunnel.localPort)));
  await sshd.freeze();
  for (const socket of sockets) pour(socket);
  await delay(STALL_MS);
  const mib = await residentMib(tunnel.pid);
  await sshd.thaw();
  for (const socket of sockets) socket.destroy();
  return mib;
}

async function beginUpload(port: number): Promise<Socket> {
  const socket = connect({ host: '127.0.0.1', port });
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  socket.write(Buffer.of(PURPOSE.up));
  return socket;
}

function pour(socket: Socket): void {
  const chunk = Buffer.alloc(CHUNK_BYTES, 1);
  const fill = (): void => {
    while (socket.writable && socket.write(chunk));
  };
  socket.on('drain', fill);
  fill();
}

function printTable(samples: Readonly<Record<TunnelLane, readonly FarSample[]>>): void {
  const figures = Object.keys(samples.ours[0] ?? {}) as (keyof FarSample)[];
  console.table(
    figures.map((figure) => {
      const [ours, ssh] = [
        median(samples.ours.map((one) => one[figure])),
        median(samples.ssh.map((one) => one[figure])),
      ];
      return {
        median: figure,
        'gangway tunnel': round(ours),
        'ssh -N -L': round(ssh),
        'ours / ssh': round(ours / ssh),
      };
    }),
  );
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

function round(value: unknown): unknown {
  return typeof value === 'number' ? Math.round(value * 100) / 100 : value;
}
