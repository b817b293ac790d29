import { setTimeout as delay } from 'node:timers/promises';

import { runCli, startCli } from '../e2e/support/cli.ts';
import { addArguments, Desk, prepareLaptop, waitForHealth } from '../e2e/support/desk.ts';
import { freePort } from '../e2e/support/free-port.ts';
import { createHome } from '../e2e/support/home.ts';
import { PrivateSshd } from '../e2e/support/private-sshd.ts';
import { processorSeconds } from './tunnel-cost.ts';

const NAMES = ['one', 'two', 'three'] as const;
/** What a start leaves to be done is not what idleness costs. */
const SETTLE_MS = 15_000;
const IDLE_MS = 120_000;
const BAR_PERCENT = 0.5;

/** Processor time of the headless app while three gateways are connected by SSH and nobody does anything. */
export async function measureIdleLinks(): Promise<void> {
  await using desk = await Desk.start();
  await using sshd = await PrivateSshd.create();
  await sshd.start();
  const home = await createHome();
  await prepareLaptop(home.path, null);
  const app = startCli(['app', '--headless'], { home: home.path });
  try {
    await app.waitForLine(/Switched off/);
    for (const name of NAMES) await connect(name, { home: home.path, desk, sshd });
    await delay(SETTLE_MS);
    const [before, startMs] = [await processorSeconds(app.pid), performance.now()];
    await delay(IDLE_MS);
    const used = (await processorSeconds(app.pid)) - before;
    const percent = (used / ((performance.now() - startMs) / 1_000)) * 100;
    console.log(`the app with ${NAMES.length} idle links: ${percent.toFixed(2)} % of a core (bar ${BAR_PERCENT} %)`);
  } finally {
    await app.stop();
    await home.remove();
  }
}

async function connect(
  name: string,
  { home, desk, sshd }: { readonly home: string; readonly desk: Desk; readonly sshd: PrivateSshd },
): Promise<void> {
  const local = await freePort();
  const ports = { remote: desk.port, local };
  await run(home, [...addArguments(name, sshd, ports), '--token-file', desk.tokenFile]);
  await run(home, name === NAMES[0] ? ['use', name] : ['gateways', 'keep', name]);
  await waitForHealth(local);
}

async function run(home: string, args: readonly string[]): Promise<void> {
  const { exitCode, stderr } = await runCli(args, { home });
  if (exitCode !== 0) throw new Error(`gangway ${args.slice(0, 2).join(' ')}: ${stderr}`);
}
