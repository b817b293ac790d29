import { setTimeout as delay } from 'node:timers/promises';

import { whyNoSshd } from '../e2e/support/private-sshd.ts';
import { whyNoNetwork } from './faulty-network.ts';
import { RecoveryLab } from './recovery-lab.ts';
import { whyNoLane, type RecoveryLane } from './recovery-lanes.ts';
import { RecoveryKeys } from './recovery-server.ts';
import { processorSeconds } from './tunnel-cost.ts';

const LINKS = 3;
const IDLE_S = 60;
/** The first minute of an outage, in which somebody is likely to wait, and what follows. */
const WINDOWS_S = [60, 60, 60, 60] as const;
/** SYNs a second that a window may cost: three at first, then one in five seconds. */
const BARS = [3, 0.2, 0.2, 0.2] as const;

/**
 * What a link costs while nothing happens: processor time of three that are up (a process each, so one process with three
 * costs less), and SYNs of one whose network is a black hole. Sets the exit code where it cannot be measured.
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
  const counts = Promise.all(lanes.map((lane) => countDials(lane, keys)));
  await measureIdle(keys);
  console.table((await counts).flat());
}

async function measureIdle(keys: RecoveryKeys): Promise<void> {
  const labs = Array.from({ length: LINKS }, () => new RecoveryLab('ours', keys));
  try {
    for (const lab of labs) await lab.start();
    // What a start leaves to be done is not what idleness costs.
    await delay(5_000);
    const used = async (): Promise<number> => {
      const each = await Promise.all(labs.map((lab) => processorSeconds(lab.pid ?? 0)));
      return each.reduce((sum, one) => sum + one, 0);
    };
    const [before, startMs] = [await used(), performance.now()];
    await delay(IDLE_S * 1_000);
    const share = ((await used()) - before) / ((performance.now() - startMs) / 1_000);
    console.log(`${LINKS} idle links: ${(share * 100).toFixed(2)} % of a core (bar 0.5 %)`);
  } finally {
    for (const lab of labs) lab[Symbol.dispose]();
  }
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
