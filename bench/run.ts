// `npm run bench`: lists the benchmarks; `npm run bench -- NAME...` runs those, `-- all` all of them.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

import { benchGatewayStart } from './gateway-start.ts';

const BENCHMARKS: Readonly<Record<string, { readonly about: string; readonly run: () => Promise<void> }>> = {
  'gateway-start': {
    about: 'start and idle memory of our gateway beside the real OpenClaw gateway (about 2 minutes)',
    run: benchGatewayStart,
  },
};

// The gateways that are measured end with this process.
process.once('SIGINT', () => process.exit(130));
process.once('SIGTERM', () => process.exit(143));

const asked = process.argv.slice(2);
const names = asked.includes('all') ? Object.keys(BENCHMARKS) : asked;
const unknown = names.filter((name) => !(name in BENCHMARKS));

if (names.length === 0 || unknown.length > 0) {
  for (const name of unknown) console.error(`There is no benchmark ${name}.`);
  console.log('npm run bench -- NAME... | all');
  for (const [name, { about }] of Object.entries(BENCHMARKS)) console.log(`  ${name}  ${about}`);
  process.exitCode = unknown.length > 0 ? 64 : 0;
} else {
  process.exitCode = prepare();
  if (process.exitCode === 0) for (const name of names) await BENCHMARKS[name]?.run();
}

/** Build and real OpenClaw. Returns the exit code. */
function prepare(): number {
  const script = fileURLToPath(new URL('../scripts/prepare.cjs', import.meta.url));
  return spawnSync(process.execPath, [script, '--peer'], { stdio: 'inherit' }).status ?? 1;
}
