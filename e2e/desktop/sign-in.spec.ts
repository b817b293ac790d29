import { execFileSync } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { ElectronApplication } from '@playwright/test';
import { expect } from '@playwright/test';

import { launch } from '../launch.ts';
import { runCli } from '../support/cli.ts';
import { addArguments, Desk, prepareLaptop, waitForHealth } from '../support/desk.ts';
import { test } from '../support/fixtures.ts';
import { freePort } from '../support/free-port.ts';
import { tellPower } from '../support/power.ts';
import { clickTrayItem, shownNotifications, trayFacts, trayMenu, trayText } from '../support/tray.ts';

const PASSPHRASE = 'correct horse battery';

async function answerItem(app: ElectronApplication): Promise<string> {
  const item = (await trayMenu(app)).find(({ id }) => id.startsWith('answer:'));
  if (item === undefined) throw new Error(`no gateway asks:\n${await trayText(app)}`);
  expect(item.label).toBe('Studio asks for the passphrase of id…');
  return item.id;
}

test('the passphrase is typed in the window, and neither sleep nor a new line asks for it again', async ({
  home,
  sshd,
}) => {
  await using desk = await Desk.start();
  await prepareLaptop(home, null);
  execFileSync('ssh-keygen', ['-q', '-p', '-P', '', '-N', PASSPHRASE, '-f', sshd.identityFile], { stdio: 'ignore' });
  const port = await freePort();
  const app = await launch({ home });
  await expect.poll(() => trayText(app)).toContain('Switched off');
  const words = addArguments('Studio', sshd, { remote: desk.port, local: port });
  expect(await runCli([...words, '--token-file', desk.tokenFile], { home })).toMatchObject({ exitCode: 0 });
  await clickTrayItem(app, 'mode:ssh');
  await expect.poll(() => trayText(app), { timeout: 20_000 }).toContain('Studio asks for');
  expect((await trayFacts(app)).toolTip).toContain('Studio asks for the passphrase of id');

  expect(await shownNotifications(app)).toMatchObject([{ title: 'Studio asks for the passphrase of id' }]);

  const opened = app.waitForEvent('window');
  await clickTrayItem(app, await answerItem(app));
  const page = await opened;
  const dialog = page.getByRole('dialog', { name: 'Passphrase for id' });
  const field = dialog.getByLabel('Passphrase', { exact: true });
  await expect(field).toBeFocused();
  await field.fill('nonsense');
  await page.keyboard.press('Enter');
  await expect(dialog).toContainText('That is not its passphrase.');
  await field.fill(PASSPHRASE);
  await page.keyboard.press('Enter');
  await expect(dialog).toHaveCount(0);
  await expect.poll(() => trayText(app), { timeout: 20_000 }).toContain('Studio: connected');
  await waitForHealth(port);

  await test.step('sleep and wake, with sshd gone in between', async () => {
    await tellPower(app, 'suspend');
    await sshd.restart();
    await tellPower(app, 'resume');
    await waitForHealth(port);
    await expect.poll(() => trayText(app), { timeout: 20_000 }).toContain('Studio: connected');
  });

  await test.step('switched off and on', async () => {
    await clickTrayItem(app, 'mode:off');
    await expect.poll(() => trayText(app)).toContain('Switched off');
    await clickTrayItem(app, 'mode:ssh');
    await expect.poll(() => trayText(app), { timeout: 20_000 }).toContain('Studio: connected');
    await expect(page.getByRole('dialog')).toHaveCount(0);
  });

  await test.step('it was asked once, and is written nowhere', async () => {
    const { stdout } = await runCli(['events', '--json'], { home });
    expect(stdout.split('asks for the passphrase')).toHaveLength(2);
    const secrets = await readdir(join(home, 'keychain')).catch(() => []);
    expect(secrets.filter((name) => name.includes('sign-in'))).toEqual([]);
    expect(await readFile(join(home, 'logs', 'app.log'), 'utf8')).not.toContain(PASSPHRASE);
    expect(stdout).not.toContain(PASSPHRASE);
  });

  await app.close();
});
