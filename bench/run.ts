// `npm run bench`: lists the benchmarks; `npm run bench -- NAME... [--runs N]` runs those, `-- all` all of them.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { benchGatewayStart } from './gateway-start.ts';
import { benchGateway } from './gateway.ts';
import { runHostile } from './hostile.ts';
import { runKills } from './kills.ts';
import { benchLinkCost } from './link-cost.ts';
import { benchRecovery } from './recovery.ts';
import { benchTunnel } from './tunnel.ts';
import { soakTunnel } from './tunnel-soak.ts';

interface Benchmark {
  readonly about: string;
  /** The real OpenClaw is a large download: only for those that measure it. */
  readonly peer: boolean;
  readonly run: () => Promise<void>;
}

const BENCHMARKS: Readonly<Record<string, Benchmark>> = {
  gateway: {
    about: 'our gateway beside the real OpenClaw gateway: start, memory, requests, idle connections (about 6 minutes)',
    peer: true,
    run: benchGateway,
  },
  'gateway-start': {
    about: 'start and idle memory of our gateway beside the real OpenClaw gateway (about 2 minutes)',
    peer: true,
    run: benchGatewayStart,
  },
  hostile: {
    about: 'not a measure but a proof: 120,000 frames and requests of ill will, no fault found (about 5 minutes)',
    peer: false,
    run: runHostile,
  },
  kills: {
    about: 'not a measure but a proof: 200 times kill -9 under load, nothing acknowledged lost (about 2 minutes)',
    peer: false,
    run: runKills,
  },
  tunnel: {
    about: 'our tunnel beside ssh -N -L: speed, delay, distance, cost and recovery (about 6 minutes)',
    peer: false,
    run: benchTunnel,
  },
  recovery: {
    about: 'our tunnel beside ssh and autossh: back after which time from which fault (about 12 minutes, as root)',
    peer: false,
    run: benchRecovery,
  },
  'link-cost': {
    about: 'what our links cost when idle, and offline in SYNs beside autossh (about 5 minutes, as root)',
    peer: false,
    run: benchLinkCost,
  },
  'tunnel-soak': {
    about: 'bulk data over a slow path: is a line that is well ever taken for a dead one? (an hour)',
    peer: false,
    run: soakTunnel,
  },
};

// The gateways that are measured end with this process.
process.once('SIGINT', () => process.exit(130));
process.once('SIGTERM', () => process.exit(143));

const { positionals: asked, values } = parseArgs({
  allowPositionals: true,
  options: { runs: { type: 'string' }, lanes: { type: 'string' }, scenarios: { type: 'string' } },
});
for (const [name, value] of Object.entries(values)) process.env[`GANGWAY_BENCH_${name.toUpperCase()}`] = value;
const names = asked.includes('all') ? Object.keys(BENCHMARKS) : asked;
const unknown = names.filter((name) => !(name in BENCHMARKS));

if (names.length === 0 || unknown.length > 0) {
  for (const name of unknown) console.error(`There is no benchmark ${name}.`);
  console.log('npm run bench -- NAME... | all  [--runs N]');
  for (const [name, { about }] of Object.entries(BENCHMARKS)) console.log(`  ${name}  ${about}`);
  process.exitCode = unknown.length > 0 ? 64 : 0;
} else {
  process.exitCode = prepare(names.some((name) => BENCHMARKS[name]?.peer));
  if (process.exitCode === 0) for (const name of names) await BENCHMARKS[name]?.run();
}

/** Builds, and installs the real OpenClaw where it is measured. Returns the exit code. */
function prepare(peer: boolean): number {
  const script = fileURLToPath(new URL('../scripts/prepare.cjs', import.meta.url));
  return spawnSync(process.execPath, peer ? [script, '--peer'] : [script], { stdio: 'inherit' }).status ?? 1;
}
