import { setTimeout as delay } from 'node:timers/promises';

import type { PrivateSshd } from '../e2e/support/private-sshd.ts';
import { residentMib } from './tunnel-cost.ts';
import { startTunnel, type TunnelLane, type TunnelRoute } from './tunnel-lanes.ts';
import { startUploads } from './tunnel-load.ts';

export interface Stall {
  /** Resident memory of the tunnel at its highest while nothing could be sent. */
  readonly stalledMib: number;
}

const UPLOADS = 100;
const STALL_MS = 2_500;
const LOOK_EVERY_MS = 100;

/** Stops the server in the middle of a hundred uploads through a fresh tunnel. The server goes on afterwards. */
export async function measureStall(lane: TunnelLane, sshd: PrivateSshd, route: TunnelRoute): Promise<Stall> {
  await using tunnel = await startTunnel(lane, route);
  const uploads = await startUploads(tunnel.localPort, UPLOADS);
  await sshd.freeze();
  try {
    let stalledMib = 0;
    for (const endMs = performance.now() + STALL_MS; performance.now() < endMs; await delay(LOOK_EVERY_MS)) {
      stalledMib = Math.max(stalledMib, await residentMib(tunnel.pid));
    }
    return { stalledMib };
  } finally {
    await sshd.thaw();
    uploads.stop();
  }
}
