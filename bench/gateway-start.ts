import { loadavg } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';

import { startRealGateway } from '../e2e/peer/support/real-gateway.ts';
import type { TreeMemory } from '../e2e/peer/support/process-tree.ts';
import { startOurGateway } from './our-gateway.ts';

const RUNS = 5;
const IDLE_MS = 5_000;

interface Sample {
  /** From the start of the process to the first 200 of `/health`. */
  readonly healthMs: number;
  /** The process with its children, idle for five seconds. */
  readonly memory: TreeMemory;
}

/**
 * Start and idle memory of our gateway beside the real one, in the same run and by turns, so that a noisy machine
 * disturbs both. The first pair warms the caches and does not count.
 */
export async function benchGatewayStart(): Promise<void> {
  const ours: Sample[] = [];
  const real: Sample[] = [];
  for (let round = 0; round <= RUNS; round += 1) {
    const pair = [await measureOurs(), await measureReal()] as const;
    report(round, pair);
    if (round === 0) continue;
    ours.push(pair[0]);
    real.push(pair[1]);
  }
  printTable(ours, real);
}

async function measureOurs(): Promise<Sample> {
  const gateway = await startOurGateway();
  return measure(gateway.healthMs, gateway);
}

async function measureReal(): Promise<Sample> {
  const gateway = await startRealGateway();
  return measure(gateway.startup.healthMs, gateway);
}

async function measure(
  healthMs: number,
  gateway: { memory(): Promise<TreeMemory>; stop(): Promise<unknown> },
): Promise<Sample> {
  try {
    await delay(IDLE_MS);
    return { healthMs, memory: await gateway.memory() };
  } finally {
    await gateway.stop();
  }
}

function report(round: number, [ours, real]: readonly [Sample, Sample]): void {
  const name = round === 0 ? 'warm-up' : `run ${round}`;
  const load = loadavg()[0]?.toFixed(1) ?? '?';
  console.log(`${name}: ours ${text(ours)}; real ${text(real)}; load ${load}`);
}

function text({ healthMs, memory }: Sample): string {
  return `${healthMs.toFixed(0)} ms, ${mebibytes(memory)} MiB in ${memory.processes}`;
}

function printTable(ours: readonly Sample[], real: readonly Sample[]): void {
  const row = (name: string, read: (sample: Sample) => number) => {
    const [mine, theirs] = [ours.map(read), real.map(read)];
    // Pair by pair, so that a machine that slows down in between does not count for one side only.
    const ratios = theirs.map((value, index) => value / (mine[index] ?? Number.NaN));
    const [ourMedian, realMedian, ratio] = [median(mine), median(theirs), median(ratios)];
    return { median: name, ours: Math.round(ourMedian), real: Math.round(realMedian), ratio: Number(ratio.toFixed(1)) };
  };
  console.table([
    row('start to first answered /health, ms', ({ healthMs }) => healthMs),
    row('idle memory of the process tree, MiB', ({ memory }) => mebibytes(memory)),
  ]);
}

function mebibytes({ bytes }: TreeMemory): number {
  return Math.round(bytes / 1024 / 1024);
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const [low = Number.NaN, high = Number.NaN] = [sorted[Math.ceil(sorted.length / 2) - 1], sorted[middle]];
  return (low + high) / 2;
}
