import { setTimeout as delay } from 'node:timers/promises';

import type { PrivateSshd } from '../e2e/support/private-sshd.ts';
import { residentMib } from './tunnel-cost.ts';
import { startUploads } from './tunnel-load.ts';

export interface Stall {
  /** Resident memory of the tunnel at its highest while nothing could be sent. */
  readonly stalledMib: number;
}

const UPLOADS = 100;
const STALL_MS = 2_500;
const LOOK_EVERY_MS = 100;

/** Stops the server in the middle of a hundred uploads. They are cut off afterwards, and the server goes on. */
export async function measureStall(sshd: PrivateSshd, port: number, pid: number): Promise<Stall> {
  const uploads = await startUploads(port, UPLOADS);
  await sshd.freeze();
  try {
    let stalledMib = 0;
    for (const endMs = performance.now() + STALL_MS; performance.now() < endMs; await delay(LOOK_EVERY_MS)) {
      stalledMib = Math.max(stalledMib, await residentMib(pid));
    }
    return { stalledMib };
  } finally {
    await sshd.thaw();
    uploads.stop();
  }
}
