import { createHome } from '../e2e/support/home.ts';
import { killRounds } from '../e2e/support/kill-rounds.ts';

const ROUNDS = 200;

/** The long form of `e2e/gateway/kill.spec.ts`. Sets the exit code. */
export async function runKills(): Promise<void> {
  const home = await createHome();
  try {
    const { lost, ...counts } = await killRounds(home.path, ROUNDS, (round) => {
      if (round % 20 === 0) console.log(`${round} of ${ROUNDS}`);
    });
    console.table([{ ...counts, lost: lost.length }]);
    for (const each of lost) console.error(each);
    if (lost.length > 0) process.exitCode = 1;
  } finally {
    await home.remove();
  }
}
