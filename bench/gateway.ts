import { loadavg } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';

import { startRealGateway } from '../e2e/peer/support/real-gateway.ts';
import {
  measureConnect,
  measureHealth,
  measureIdle,
  measureModels,
  percentile,
  type LoadTarget,
} from './gateway-load.ts';
import { startOurGateway } from './our-gateway.ts';

interface Sample {
  readonly startMs: number;
  readonly idleMib: number;
  readonly connectMs: number;
  readonly healthPerS: number;
  readonly modelsPerS: number;
  readonly alive: number;
  readonly kibEach: number;
  readonly idleP99Ms: number;
}

interface Row {
  readonly name: string;
  readonly digits: number;
  /** The bar of ours: at most, or at least. */
  readonly bar: readonly ['≤' | '≥', number];
}

const ROWS: Readonly<Record<keyof Sample, Row>> = {
  startMs: { name: 'start to first answered /health, ms', digits: 0, bar: ['≤', 500] },
  idleMib: { name: 'idle memory of the process tree, MiB', digits: 0, bar: ['≤', 100] },
  connectMs: { name: 'connect and hello, one after the other, p50 ms', digits: 2, bar: ['≤', 1] },
  healthPerS: { name: 'health on 50 connections, per second', digits: 0, bar: ['≥', 20_000] },
  modelsPerS: { name: '/v1/models on 50 connections, per second', digits: 0, bar: ['≥', 6_000] },
  alive: { name: 'idle connections alive (ours 10,000, real 2,000)', digits: 0, bar: ['≥', 10_000] },
  kibEach: { name: 'memory of each of them, KiB', digits: 1, bar: ['≤', 10] },
  idleP99Ms: { name: 'health meanwhile, p99 ms', digits: 1, bar: ['≤', 50] },
};

const RUNS = Number(process.env['GANGWAY_BENCH_RUNS'] ?? 5);
const SETTLE_MS = 5_000;
const LOAD_MS = 3_000;
const CONNECTIONS = 50;
const OUR_IDLE = 10_000;
/** More would take the real one minutes. */
const REAL_IDLE = 2_000;

/**
 * Our gateway beside the real one, by turns in one run, so that a noisy machine disturbs both. Gateway and load share
 * the processors. The first pair warms the caches and does not count.
 */
export async function benchGateway(): Promise<void> {
  const ours: Sample[] = [];
  const real: Sample[] = [];
  for (let round = 0; round <= RUNS; round += 1) {
    const pair = [await sampleOurs(), await sampleReal()] as const;
    console.log(`${round === 0 ? 'warm-up' : `run ${round}`}: load ${loadavg()[0]?.toFixed(1) ?? '?'}`, ...pair);
    if (round === 0) continue;
    ours.push(pair[0]);
    real.push(pair[1]);
  }
  printTable(ours, real);
}

async function sampleOurs(): Promise<Sample> {
  const gateway = await startOurGateway();
  return sample(gateway.healthMs, gateway, OUR_IDLE);
}

async function sampleReal(): Promise<Sample> {
  // Its OpenAI endpoints are off unless they are asked for.
  const http = { endpoints: { chatCompletions: { enabled: true } } };
  const gateway = await startRealGateway({ config: { http } });
  return sample(gateway.startup.healthMs, gateway, REAL_IDLE);
}

type Target = LoadTarget & { stop(): Promise<unknown> };

async function sample(startMs: number, target: Target, idle: number): Promise<Sample> {
  try {
    await delay(SETTLE_MS);
    const idleMib = (await target.memory()).bytes / 1_024 / 1_024;
    // Before the load: memory that it leaves behind would hide what idle connections cost.
    const { alive, kibEach, p99Ms } = await measureIdle(target, idle, SETTLE_MS);
    const connectMs = await measureConnect(target, 300);
    const healthPerS = await measureHealth(target, CONNECTIONS, LOAD_MS);
    const modelsPerS = await measureModels(target, CONNECTIONS, LOAD_MS);
    return { startMs, idleMib, connectMs, healthPerS, modelsPerS, alive, kibEach, idleP99Ms: p99Ms };
  } finally {
    await target.stop();
  }
}

function printTable(ours: readonly Sample[], real: readonly Sample[]): void {
  const rows = Object.entries(ROWS).map(
    ([
      key,
      {
        name,
        digits,
        bar: [sign, limit],
      },
    ]) => {
      const read = (samples: readonly Sample[]): number =>
        percentile(
          samples.map((each) => each[key as keyof Sample]),
          0.5,
        );
      const [mine, theirs] = [read(ours), read(real)];
      const isMet = sign === '≤' ? mine <= limit : mine >= limit;
      const text = (value: number): string => value.toFixed(digits);
      return { median: name, ours: text(mine), real: text(theirs), bar: `${sign} ${limit}`, met: isMet };
    },
  );
  console.table(rows);
}
