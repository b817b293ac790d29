import { expect } from '@playwright/test';

import { runCli, startCli } from '../support/cli.ts';
import { addArguments, Desk, prepareLaptop, waitForHealth } from '../support/desk.ts';
import { test } from '../support/fixtures.ts';
import { tcpSocketCount } from '../support/processes.ts';

test('several gateways stay connected at once, each on a port of its own', async ({ home, sshd }) => {
  await using attic = await Desk.start();
  await using studio = await Desk.start();
  const localPort = await prepareLaptop(home);
  await using app = startCli(['app', '--headless'], { home });
  await app.waitForLine(/This computer: connected/);
  // Both are added for the port that the local gateway has, as everybody's first wish is the usual port.
  for (const [name, desk] of [
    ['Attic', attic],
    ['Studio', studio],
  ] as const) {
    const words = addArguments(name, sshd, { remote: desk.port, local: localPort });
    await runCli([...words, '--token-file', desk.tokenFile], { home });
    expect(await runCli(['gateways', 'keep', name], { home })).toMatchObject({ exitCode: 0 });
  }

  const list = async (): Promise<readonly { name: string; url?: string; state: { status: string } }[]> =>
    JSON.parse((await runCli(['gateways', 'list', '--json'], { home })).stdout) as never;
  await expect
    .poll(async () => (await list()).map(({ state }) => state.status), { timeout: 20_000 })
    .toEqual(['connected', 'connected', 'connected']);
  const ports = (await list()).map(({ url = '' }) => Number(new URL(url).port));
  expect(new Set(ports).size).toBe(3);
  for (const port of ports) await waitForHealth(port);

  await test.step('switching leaves the kept ones alone', async () => {
    expect(await runCli(['use', 'Studio'], { home })).toMatchObject({ exitCode: 0 });
    expect((await list()).map(({ state }) => state.status)).toEqual(['off', 'connected', 'connected']);
  });

  await test.step('one that is kept no longer goes, and “off” takes all', async () => {
    await runCli(['gateways', 'keep', 'Attic', '--off'], { home });
    await expect.poll(async () => (await list()).map(({ state }) => state.status)).toEqual(['off', 'off', 'connected']);
    await runCli(['off'], { home });
    expect((await list()).map(({ state }) => state.status)).toEqual(['off', 'off', 'off']);
    expect(await tcpSocketCount(app.pid)).toBe(0);
  });
});
