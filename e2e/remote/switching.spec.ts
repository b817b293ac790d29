import { expect } from '@playwright/test';

import { runCli, startCli } from '../support/cli.ts';
import { addArguments, Desk, prepareLaptop } from '../support/desk.ts';
import { test } from '../support/fixtures.ts';
import { descendants, hasProc, NO_PROC, tcpSocketCount } from '../support/processes.ts';

/** How often to go there and back; a soak run sets more. */
const ROUNDS = Number(process.env['GANGWAY_SWITCH_ROUNDS'] ?? 8);

test('switching to and fro leaves nothing behind, also when it is done faster than lines come up', async ({
  home,
  sshd,
}) => {
  test.skip(!hasProc, NO_PROC);
  test.setTimeout(60_000 + ROUNDS * 5_000);
  await using desk = await Desk.start();
  // Both want the same port, as on a real laptop: one must be closed before the other can open.
  const port = await prepareLaptop(home);
  await using app = startCli(['app', '--headless'], { home });
  await app.waitForLine(/This computer: connected/);
  const words = addArguments('Studio', sshd, { remote: desk.port, local: port });
  await runCli([...words, '--token-file', desk.tokenFile], { home });

  for (let round = 0; round < ROUNDS; round += 1) {
    for (const name of ['studio', 'local']) {
      const { exitCode, stdout, stderr } = await runCli(['use', name], { home });
      expect({ exitCode, stdout }, stderr).toMatchObject({ exitCode: 0 });
    }
  }

  await test.step('of many wishes at once the last one wins', async () => {
    const wishes = ['studio', 'local', 'studio', 'local', 'studio'];
    await Promise.all(wishes.map((name) => runCli(['use', name, '--wait', '0'], { home })));
    expect(await runCli(['use', 'local'], { home })).toMatchObject({ exitCode: 0 });
  });

  expect(await runCli(['off'], { home })).toMatchObject({ exitCode: 0 });
  expect(await descendants(app.pid)).toEqual([]);
  expect(await tcpSocketCount(app.pid)).toBe(0);
});
