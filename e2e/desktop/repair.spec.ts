import { readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

import { expect } from '@playwright/test';

import { launch } from '../launch.ts';
import { runCli } from '../support/cli.ts';
import { addArguments, Desk, prepareLaptop } from '../support/desk.ts';
import { test } from '../support/fixtures.ts';
import { freePort } from '../support/free-port.ts';
import { giveHome } from '../support/remote-home.ts';
import { trayText } from '../support/tray.ts';
import { openWindow } from '../support/window.ts';

test('the connection test goes the whole way, and what it finds is fixed from it', async ({ home, sshd }) => {
  await using desk = await Desk.start();
  await giveHome(sshd, { env: {}, programs: {} });
  await prepareLaptop(home, null);
  const knownHosts = await readFile(sshd.knownHostsFile, 'utf8');
  await writeFile(sshd.knownHostsFile, '');
  const app = await launch({ home });
  await expect.poll(() => trayText(app)).toContain('Switched off');
  const words = addArguments('Studio', sshd, { remote: desk.port, local: await freePort() });
  await runCli(words, { home });
  const page = await openWindow(app);
  await page.getByRole('link', { name: /Gateways/ }).click();
  await page.getByRole('button', { name: 'Test the connection to Studio' }).click();
  const dialog = page.getByRole('dialog', { name: 'Test the connection to Studio' });
  const says = dialog.getByRole('status');

  await test.step('a host key that is not known, trusted once', async () => {
    await expect(says).toContainText('The way ends at Host key');
    await dialog.getByRole('button', { name: 'Compare the fingerprint' }).click();
    await page.getByRole('button', { name: 'Trust once' }).click();
    await dialog.getByRole('button', { name: 'Test again' }).click();
    await expect(says).toContainText('The way ends at Token');
    expect(await readFile(sshd.knownHostsFile, 'utf8')).toBe('');
  });

  await test.step('a token that is missing, which that computer cannot give, entered by hand', async () => {
    await dialog.getByRole('button', { name: 'Get the token over SSH' }).click();
    await page.getByRole('button', { name: 'Get the token', exact: true }).click();
    await expect(page.getByText('Neither gangway nor openclaw was found')).toBeVisible();
    await page.getByRole('button', { name: 'Enter it by hand' }).click();
    await page.getByLabel('Token or password').fill(await desk.token());
    await page.getByRole('button', { name: 'Save and connect' }).click();
    await dialog.getByRole('button', { name: 'Test again' }).click();
    await expect(says).toContainText('The whole way is well: 9 steps');
    await expect(dialog.getByRole('listitem')).toHaveCount(9);
    expect(await page.content()).not.toContain(await desk.token());
  });

  await test.step('the same by its name from a terminal', async () => {
    const { exitCode, stdout } = await runCli(['test', 'studio'], { home });
    expect(exitCode).toBe(0);
    expect(stdout.match(/^✓ /gm)).toHaveLength(9);
    expect(stdout).not.toContain(await desk.token());
  });

  await test.step('a changed host key, replaced after it was compared', async () => {
    await writeFile(sshd.knownHostsFile, knownHosts);
    await sshd.changeHostKey();
    await dialog.getByRole('button', { name: 'Test again' }).click();
    await expect(says).toContainText('shows a different key');
    await dialog.getByRole('button', { name: 'Compare the keys' }).click();
    const question = page.getByRole('dialog', { name: /shows a different key/ });
    expect((await question.innerText()).replaceAll(/\s/g, '')).toContain(await sshd.hostFingerprint());
    await question.getByRole('checkbox').check();
    await question.getByRole('button', { name: 'Replace the known key' }).click();
    await expect(question).toHaveCount(0);
    await dialog.getByRole('button', { name: 'Test again' }).click();
    await expect(says).toContainText('The whole way is well: 9 steps');
    expect(await readFile(sshd.knownHostsFile, 'utf8')).not.toBe(knownHosts);
    const kept = (await readdir(dirname(sshd.knownHostsFile))).find((name) => name.includes('known_hosts.before-'));
    expect(await readFile(`${dirname(sshd.knownHostsFile)}/${kept}`, 'utf8')).toBe(knownHosts);
  });
  await app.close();
});
