import { setTimeout as delay } from 'node:timers/promises';

import { startSlowPath, type PathTraits } from './slow-path.ts';
import { routeOver, startTunnel, type TunnelLane, type TunnelRoute } from './tunnel-lanes.ts';
import { openAndEcho, receiveBulk } from './tunnel-load.ts';
import { percentile } from './tunnel-statistics.ts';

export interface Distance {
  readonly farDownMibPerS: number;
  /** From a new connection to the first byte of the answer; the median of some. */
  readonly farOpenMs: number;
}

const MIB = 1024 * 1024;
/** Another continent with a fast line: a round trip of 80 ms, and no other limit. */
const PATH: PathTraits = { delayMs: 40, bytesPerSecond: Number.POSITIVE_INFINITY, queueBytes: 64 * MIB };
const DOWN_BYTES = 128 * MIB;
const OPENED = 9;
/** A person's pace: a connection, and another some time later. */
const PAUSE_MS = 200;

/** A fresh tunnel over a long way. */
export async function measureDistance(lane: TunnelLane, route: TunnelRoute): Promise<Distance> {
  await using path = await startSlowPath(route.sshPort, PATH);
  await using tunnel = await startTunnel(lane, await routeOver(path.port, route));
  const opened: number[] = [];
  for (let index = 0; index < OPENED; index += 1) {
    await delay(PAUSE_MS);
    opened.push(await openAndEcho(tunnel.localPort));
  }
  const tookMs = await receiveBulk(tunnel.localPort, DOWN_BYTES);
  return {
    farDownMibPerS: DOWN_BYTES / MIB / (tookMs / 1_000),
    farOpenMs: percentile(opened, 0.5),
  };
}
