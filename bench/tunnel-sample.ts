import { setTimeout as delay } from 'node:timers/promises';

import type { PrivateSshd } from '../e2e/support/private-sshd.ts';
import type { Carried } from './tunnel-carried.ts';
import { residentMib } from './tunnel-cost.ts';
import { measureDistance, type Distance } from './tunnel-distance.ts';
import { measureHandshake } from './tunnel-handshake.ts';
import { startTunnel, type TunnelLane, type TunnelRoute } from './tunnel-lanes.ts';
import { crowd, openAndEcho } from './tunnel-load.ts';
import { measureLeak, type Leak } from './tunnel-leak.ts';
import { measureOutage, type Outage } from './tunnel-outage.ts';
import { measureStall, type Stall } from './tunnel-stall.ts';
import { percentile } from './tunnel-statistics.ts';

/** Many connections through a port. */
export interface Crowd {
  readonly openP50Ms: number;
  readonly crowdMs: number;
  readonly crowdErrors: number;
  readonly throngMs: number;
  readonly throngErrors: number;
}

export interface TunnelSample extends Carried, Crowd, Distance, Partial<Leak>, Partial<Stall>, Partial<Outage> {
  readonly startMs: number;
  readonly handshakeMs: number;
  readonly idleMib: number;
}

const OPENED = 200;
const THRONG = 1_000;
const IDLE_MS = 1_000;

/** Everything else about one lane, on fresh processes. Leaves the server running. */
export async function sampleTunnel(
  lane: TunnelLane,
  sshd: PrivateSshd,
  route: TunnelRoute,
): Promise<Omit<TunnelSample, keyof Carried>> {
  const handshakeMs = await measureHandshake(lane, route);
  await using tunnel = await startTunnel(lane, route);
  await delay(IDLE_MS);
  const idleMib = await residentMib(tunnel.pid);
  const many = await measureCrowd(tunnel.localPort);
  const distance = await measureDistance(lane, route);
  const common = { startMs: tunnel.startMs, handshakeMs, idleMib, ...many, ...distance };
  // Another cipher changes nothing about the rest.
  if (lane === 'ssh-gcm') return common;
  const leak = await measureLeak(tunnel.localPort, tunnel.pid);
  const stall = await measureStall(lane, sshd, route);
  const outage = await measureOutage(sshd, tunnel.localPort);
  return { ...common, ...leak, ...stall, ...outage };
}

export async function measureCrowd(port: number): Promise<Crowd> {
  const opened: number[] = [];
  for (let index = 0; index < OPENED; index += 1) opened.push(await openAndEcho(port));
  const together = await crowd(port, OPENED);
  const throng = await crowd(port, THRONG);
  return {
    openP50Ms: percentile(opened, 0.5),
    crowdMs: together.ms,
    crowdErrors: together.errors,
    throngMs: throng.ms,
    throngErrors: throng.errors,
  };
}
