import { setTimeout as delay } from 'node:timers/promises';

import { whyNoSshd } from '../e2e/support/private-sshd.ts';
import { comeFirst, whyNoNetwork } from './faulty-network.ts';
import { RecoveryLab } from './recovery-lab.ts';
import { RECOVERY_LANES, whyNoLane, type RecoveryLane } from './recovery-lanes.ts';
import { SCENARIOS } from './recovery-scenarios.ts';
import { RecoveryKeys } from './recovery-server.ts';
import { printRecoveryTable, type RecoverySample } from './recovery-table.ts';

const DEFAULT_RUNS = 5;
/** Mostly they wait. More of them disturb each other at the moment that is measured. */
const AT_ONCE = 8;
/** What is not back by then counts as never. */
const GIVE_UP_MS = 25_000;
/** Connections that were begun during the outage are to be answered after it. */
const LATE_ANSWERS_MS = 3_000;

interface Job {
  readonly lane: RecoveryLane;
  readonly scenario: string;
}

/**
 * How soon a tunnel is back after a fault, and what becomes of those who connect meanwhile: ours beside `ssh -N -L` and
 * autossh, each in a network of its own. GANGWAY_BENCH_RUNS sets how often, GANGWAY_BENCH_LANES and
 * GANGWAY_BENCH_SCENARIOS choose some of them. Sets the exit code where it cannot be measured.
 */
export async function benchRecovery(): Promise<void> {
  const problem = whyNoNetwork() ?? whyNoSshd();
  if (problem !== undefined) {
    console.error(problem);
    process.exitCode = 1;
    return;
  }
  comeFirst();
  using keys = new RecoveryKeys();
  process.once('exit', () => keys[Symbol.dispose]());
  const jobs = chosenJobs();
  const samples: RecoverySample[] = [];
  const work = async (): Promise<void> => {
    for (let job = jobs.shift(); job; job = jobs.shift()) {
      const sample = await measure(job, keys);
      samples.push(sample);
      report(sample, jobs.length);
      // The beginnings of two runs cost more than all the rest of them.
      await delay(200);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  printRecoveryTable(samples);
}

/** Run by run, so that a machine that slows down disturbs all lanes. */
function chosenJobs(): Job[] {
  const lanes = chosen('GANGWAY_BENCH_LANES', RECOVERY_LANES).filter((lane) => {
    const missing = whyNoLane(lane);
    if (missing !== undefined) console.log(missing);
    return missing === undefined;
  });
  const scenarios = chosen('GANGWAY_BENCH_SCENARIOS', Object.keys(SCENARIOS));
  const asked = Number(process.env['GANGWAY_BENCH_RUNS']);
  const runs = Number.isInteger(asked) && asked > 0 ? asked : DEFAULT_RUNS;
  const once = scenarios.flatMap((scenario) => lanes.map((lane) => ({ lane, scenario })));
  return Array.from({ length: runs }, () => once).flat();
}

function chosen<Name extends string>(variable: string, all: readonly Name[]): Name[] {
  const names = process.env[variable]?.split(',') ?? all;
  return all.filter((name) => names.includes(name));
}

async function measure({ lane, scenario }: Job, keys: RecoveryKeys): Promise<RecoverySample> {
  using lab = new RecoveryLab(lane, keys);
  await lab.start();
  // A line that was young when it was lost would be another story.
  await delay(1_000 + Math.random() * 3_000);
  const outage = await SCENARIOS[scenario]?.play(lab);
  if (!outage) throw new Error(`There is no scenario ${scenario}.`);
  const { brokenAtMs, mendedAtMs } = outage;
  const recoveryMs = (await lab.firstEcho(mendedAtMs, GIVE_UP_MS)) ?? Number.POSITIVE_INFINITY;
  if (Number.isFinite(recoveryMs)) await delay(LATE_ANSWERS_MS);
  const failed = lab.knocks.filter(({ outcome, startMs }) => outcome !== 'echo' && startMs >= brokenAtMs);
  const refused = failed.filter(({ outcome }) => outcome === 'refused').length;
  return { lane, scenario, recoveryMs, refused, broken: failed.length - refused, said: lab.said };
}

function report({ lane, scenario, recoveryMs, refused, broken }: RecoverySample, left: number): void {
  const back = Number.isFinite(recoveryMs) ? `back after ${recoveryMs.toFixed(0)} ms` : 'never back';
  console.log(`${scenario} ${lane}: ${back}, ${refused} refused, ${broken} broken; ${left} to go`);
}
