import { setTimeout as delay } from 'node:timers/promises';

import { whyNoSshd } from '../e2e/support/private-sshd.ts';
import { whyNoNetwork } from './faulty-network.ts';
import { measureIdleLinks } from './idle-links.ts';
import { RecoveryLab } from './recovery-lab.ts';
import { whyNoLane, type RecoveryLane } from './recovery-lanes.ts';
import { RecoveryKeys } from './recovery-server.ts';

/** The first minute of an outage, in which somebody is likely to wait, and what follows. */
const WINDOWS_S = [60, 60, 60, 60] as const;
/** SYNs a second that a window may cost: three at first, then one in five seconds. */
const BARS = [3, 0.2, 0.2, 0.2] as const;

/**
 * What links cost while nothing happens: processor time of the app with three that are up, and SYNs of one whose network is a
 * black hole. Sets the exit code where it cannot be measured.
 */
export async function benchLinkCost(): Promise<void> {
  const problem = whyNoNetwork() ?? whyNoSshd();
  if (problem !== undefined) {
    console.error(problem);
    process.exitCode = 1;
    return;
  }
  using keys = new RecoveryKeys();
  process.once('exit', () => keys[Symbol.dispose]());
  const lanes = (['ours', 'autossh'] as const).filter((lane) => whyNoLane(lane) === undefined);
  await measureIdleLinks();
  console.table((await Promise.all(lanes.map((lane) => countDials(lane, keys)))).flat());
}

async function countDials(lane: RecoveryLane, keys: RecoveryKeys) {
  using lab = new RecoveryLab(lane, keys);
  await lab.start();
  // Past its youth, so that the loss begins a new round of attempts.
  await delay(12_000);
  lab.network.swallow();
  lab.knock(1_000);
  const syns = lab.network.countSyns();
  const rows = [];
  let before = 0;
  for (const [index, seconds] of WINDOWS_S.entries()) {
    await delay(seconds * 1_000);
    const count = syns();
    const perSecond = (count - before) / seconds;
    rows.push({ lane, minute: index + 1, SYNs: count - before, 'per s': perSecond.toFixed(2), bar: `${BARS[index]}` });
    before = count;
  }
  return rows;
}
