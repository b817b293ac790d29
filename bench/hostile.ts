import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { startCli } from '../e2e/support/cli.ts';
import { createHome } from '../e2e/support/home.ts';
import { hostileRounds } from '../e2e/support/hostile-rounds.ts';

const COUNT = 120_000;
/** The second half of the run may not take more memory than this on top of the first, bytes. */
const MAX_GROWN = 64 * 1_024 * 1_024;
const MEBIBYTE = 1_024 * 1_024;

/** The long form of `e2e/gateway/hostile.spec.ts`; `HOSTILE_SEED` repeats a run. Sets the exit code. */
export async function runHostile(): Promise<void> {
  const seed = Number(process.env['HOSTILE_SEED'] ?? Date.now() % 2 ** 32);
  const home = await createHome();
  try {
    await using gateway = startCli(['gateway', '--port', '0', '--json'], { home: home.path });
    const { port } = await gateway.waitForJson();
    const token = (await readFile(join(home.path, 'secrets', 'gateway.local.token'), 'utf8')).trim();
    let told = 0;
    const { outcomes, faults, sent, residentBytes } = await hostileRounds(
      { port: Number(port), token, pid: gateway.pid },
      {
        seed,
        count: COUNT,
        onProgress: (done) => {
          if (done - told < 20_000) return;
          told = done;
          console.log(`${done} of ${COUNT}`);
        },
      },
    );
    console.table(outcomes);
    console.log({
      seed,
      sent,
      faults: faults.length,
      residentMiB: residentBytes.map((bytes) => Math.round(bytes / MEBIBYTE)),
    });
    for (const fault of faults) console.error(fault);
    if (faults.length > 0 || grownInSecondHalf(residentBytes) > MAX_GROWN || (await gateway.stop('SIGTERM')) !== 0)
      process.exitCode = 1;
  } finally {
    await home.remove();
  }
}

/** The most it held in the second half over the most in the first, bytes. */
function grownInSecondHalf(samples: readonly number[]): number {
  const middle = Math.ceil(samples.length / 2);
  return Math.max(0, ...samples.slice(middle)) - Math.max(0, ...samples.slice(0, middle));
}
