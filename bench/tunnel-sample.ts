import { setTimeout as delay } from 'node:timers/promises';

import type { PrivateSshd } from '../e2e/support/private-sshd.ts';
import { processorSeconds, residentMib } from './tunnel-cost.ts';
import { measureDistance, type Distance } from './tunnel-distance.ts';
import { measureHandshake } from './tunnel-handshake.ts';
import { startTunnel, type TunnelLane, type TunnelRoute } from './tunnel-lanes.ts';
import { BULK_BYTES, crowd, echoTrips, openAndEcho, receiveBulk, sendBulk } from './tunnel-load.ts';
import { measureLeak, type Leak } from './tunnel-leak.ts';
import { measureOutage, type Outage } from './tunnel-outage.ts';
import { measureStall, type Stall } from './tunnel-stall.ts';
import { percentile } from './tunnel-statistics.ts';

/** What passes through a port, and what it costs the process behind it where there is one. */
export interface Carried {
  readonly upMibPerS: number;
  readonly downMibPerS: number;
  /** Processor seconds of the tunnel for each GiB. */
  readonly upCpuS: number | undefined;
  readonly downCpuS: number | undefined;
  readonly echoP50Us: number;
  readonly echoP99Us: number;
  readonly openP50Ms: number;
  readonly crowdMs: number;
  readonly crowdErrors: number;
  readonly throngMs: number;
  readonly throngErrors: number;
}

export interface TunnelSample extends Carried, Distance, Partial<Leak>, Partial<Stall>, Partial<Outage> {
  readonly startMs: number;
  readonly handshakeMs: number;
  readonly idleMib: number;
}

const MIB = 1024 * 1024;
const GIB = 1024 * MIB;
const ECHO_TRIPS = 2_000;
const OPENED = 200;
const THRONG = 1_000;
const IDLE_MS = 1_000;

/** Everything about one lane, on fresh processes. Leaves the server running. */
export async function sampleTunnel(lane: TunnelLane, sshd: PrivateSshd, route: TunnelRoute): Promise<TunnelSample> {
  const handshakeMs = await measureHandshake(lane, route);
  await using tunnel = await startTunnel(lane, route);
  await delay(IDLE_MS);
  const idleMib = await residentMib(tunnel.pid);
  const carried = await measureCarried(tunnel.localPort, tunnel.pid);
  const distance = await measureDistance(lane, route);
  const common = { startMs: tunnel.startMs, handshakeMs, idleMib, ...carried, ...distance };
  // Another cipher changes nothing about the rest.
  if (lane === 'ssh-gcm') return common;
  const leak = await measureLeak(tunnel.localPort, tunnel.pid);
  const stall = await measureStall(lane, sshd, route);
  const outage = await measureOutage(sshd, tunnel.localPort);
  return { ...common, ...leak, ...stall, ...outage };
}

/** @param pid of the tunnel; `undefined` where the port is the server's own */
export async function measureCarried(port: number, pid: number | undefined): Promise<Carried> {
  // The first of each compiles what carries it, and does not count.
  await sendBulk(port);
  await receiveBulk(port);
  const up = await measureBulk(() => sendBulk(port), pid);
  const down = await measureBulk(() => receiveBulk(port), pid);
  const trips = await echoTrips(port, ECHO_TRIPS);
  const opened: number[] = [];
  for (let index = 0; index < OPENED; index += 1) opened.push(await openAndEcho(port));
  const together = await crowd(port, OPENED);
  const throng = await crowd(port, THRONG);
  return {
    upMibPerS: up.mibPerS,
    downMibPerS: down.mibPerS,
    upCpuS: up.cpuS,
    downCpuS: down.cpuS,
    echoP50Us: percentile(trips, 0.5),
    echoP99Us: percentile(trips, 0.99),
    openP50Ms: percentile(opened, 0.5),
    crowdMs: together.ms,
    crowdErrors: together.errors,
    throngMs: throng.ms,
    throngErrors: throng.errors,
  };
}

async function measureBulk(carry: () => Promise<number>, pid: number | undefined) {
  const before = pid === undefined ? undefined : await processorSeconds(pid);
  const tookMs = await carry();
  const after = pid === undefined ? undefined : await processorSeconds(pid);
  const cpuS = before === undefined || after === undefined ? undefined : ((after - before) * GIB) / BULK_BYTES;
  return { mibPerS: BULK_BYTES / MIB / (tookMs / 1_000), cpuS };
}
