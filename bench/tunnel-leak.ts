import { readdir } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';

import { residentMib } from './tunnel-cost.ts';
import { openAndEcho } from './tunnel-load.ts';

export interface Leak {
  /** What the tunnel holds more than before, 10,000 connections later. */
  readonly leakedDescriptors: number;
  readonly leakedMib: number;
  readonly churnErrors: number;
}

const CONNECTIONS = 10_000;
const AT_ONCE = 20;
/** The heap grows to what the load needs, which is no leak; the first connections are not counted. */
const WARM_UP = 10_000;
const SETTLE_MS = 1_000;

/** Opens and closes connections, some at a time. */
export async function measureLeak(port: number, pid: number): Promise<Leak> {
  const early = await churn(port, WARM_UP);
  await delay(SETTLE_MS);
  const before = await holdings(pid);
  const late = await churn(port, CONNECTIONS);
  await delay(SETTLE_MS);
  const after = await holdings(pid);
  return {
    leakedDescriptors: after.descriptors - before.descriptors,
    leakedMib: after.mib - before.mib,
    churnErrors: early + late,
  };
}

async function churn(port: number, count: number): Promise<number> {
  let left = count;
  let errors = 0;
  const work = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      await openAndEcho(port).catch(() => (errors += 1));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return errors;
}

async function holdings(pid: number) {
  return { descriptors: (await readdir(`/proc/${pid}/fd`)).length, mib: await residentMib(pid) };
}
