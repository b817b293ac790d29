import { expect } from '@playwright/test';

import { launch } from '../launch.ts';
import { runCli } from '../support/cli.ts';
import { addArguments, Desk, prepareLaptop, waitForHealth } from '../support/desk.ts';
import { test } from '../support/fixtures.ts';
import { freePort } from '../support/free-port.ts';
import { tellPower } from '../support/power.ts';
import { descendants, hasProc, listeningPorts, NO_PROC } from '../support/processes.ts';
import { clickTrayItem, trayFacts, trayText } from '../support/tray.ts';

test('choosing a mode in the tray switches between the desk over SSH, this computer and off', async ({
  home,
  sshd,
}) => {
  await using desk = await Desk.start();
  const localPort = await prepareLaptop(home);
  const tunnelPort = await freePort();
  const app = await launch({ home });
  const pid = app.process().pid ?? 0;
  await expect.poll(() => trayText(app)).toContain('This computer: connected');
  const words = addArguments('Studio', sshd, { remote: desk.port, local: tunnelPort });
  expect(await runCli([...words, '--token-file', desk.tokenFile], { home })).toMatchObject({ exitCode: 0 });

  await test.step('Remote over SSH', async () => {
    await expect.poll(() => trayText(app)).toContain('Studio');
    await clickTrayItem(app, 'mode:ssh');
    await expect.poll(() => trayText(app), { timeout: 20_000 }).toContain('Studio: connected');
    await waitForHealth(tunnelPort);
    expect((await trayFacts(app)).toolTip).toContain('Studio: connected');
  });

  await test.step('sleep and wake, with sshd gone in between', async () => {
    await tellPower(app, 'suspend');
    await sshd.restart();
    await tellPower(app, 'resume');
    await waitForHealth(tunnelPort);
    await expect.poll(() => trayText(app), { timeout: 20_000 }).toContain('Studio: connected');
    await expect.poll(async () => (await runCli(['health'], { home })).exitCode, { timeout: 20_000 }).toBe(0);
  });

  await test.step('Local', async () => {
    await clickTrayItem(app, 'mode:local');
    await expect.poll(() => trayText(app), { timeout: 20_000 }).toContain('This computer: connected');
    await waitForHealth(localPort);
    await expect(fetch(`http://127.0.0.1:${tunnelPort}/health`)).rejects.toThrow('fetch failed');
  });

  await test.step('Off leaves no listener and no gateway process', async () => {
    test.skip(!hasProc, NO_PROC);
    await clickTrayItem(app, 'mode:off');
    await expect.poll(() => trayText(app)).toContain('Switched off');
    await expect
      .poll(async () => (await listeningPorts(pid)).filter(({ port }) => port === localPort || port === tunnelPort))
      .toEqual([]);
    const programs = (await descendants(pid)).map(({ command }) => command);
    expect(programs.filter((command) => command.includes('gateway-host'))).toEqual([]);
  });

  await app.close();
});
