import { readFile, writeFile } from 'node:fs/promises';

import type { ElectronApplication } from '@playwright/test';
import { expect } from '@playwright/test';

import { electronCommand, launch } from '../launch.ts';
import { runCli } from '../support/cli.ts';
import { addArguments, Desk, prepareLaptop } from '../support/desk.ts';
import { test } from '../support/fixtures.ts';
import { freePort } from '../support/free-port.ts';
import { descendants, hasProc, NO_PROC, waitUntilGone } from '../support/processes.ts';
import { clickTrayItem, trayText } from '../support/tray.ts';
import { openWindow } from '../support/window.ts';

test('the window shows the line live, keeps what a page may not have, and hides to the tray', async ({ home }) => {
  await prepareLaptop(home);
  const app = await launch({ home });
  await expect.poll(() => trayText(app)).toContain('This computer: connected');
  const page = await openWindow(app);
  await expect(page.getByText('Only this computer can reach this gateway.')).toBeVisible();
  await expect(page.getByRole('list', { name: 'Path to the gateway' })).toContainText('Gateway');

  await test.step('the page has the bridge and nothing else of the app', async () => {
    const found = await page.evaluate(() => ({
      globals: ['require', 'process', 'module'].filter((name) => name in globalThis),
      bridge: Object.keys((globalThis as unknown as { bridge: object }).bridge).toSorted(),
    }));
    expect(found).toEqual({ globals: [], bridge: ['call', 'listen', 'surface'] });
    const env = await page.evaluate(() =>
      (globalThis as unknown as { bridge: { call(name: string): Promise<unknown> } }).bridge
        .call('gateway.env')
        .catch((error: unknown) => String(error)),
    );
    expect(JSON.stringify(env)).not.toContain('token":"');
  });

  await test.step('the window is locked down', async () => {
    const preferences = await (
      await app.browserWindow(page)
    ).evaluate((window) =>
      (window.webContents as unknown as { getLastWebPreferences(): object }).getLastWebPreferences(),
    );
    expect(preferences).toMatchObject({ sandbox: true, contextIsolation: true, nodeIntegration: false });
    await page.evaluate(() => {
      location.href = 'https://evil.example/';
    });
    expect(await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.webContents.getURL())).toMatch(
      /^app:\/\//,
    );
  });

  await test.step('closing hides it; the tray brings the same one back', async () => {
    await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.close());
    expect(await visible(app)).toEqual([false]);
    await clickTrayItem(app, 'open');
    await expect.poll(() => visible(app)).toEqual([true]);
  });
  await app.close();
});

const visible = (app: ElectronApplication): Promise<boolean[]> =>
  app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().map((window) => window.isVisible()));

test('a host that is not known is trusted in the window, after its fingerprint was shown', async ({ home, sshd }) => {
  await using desk = await Desk.start();
  await prepareLaptop(home, null);
  await writeFile(sshd.knownHostsFile, '');
  const app = await launch({ home });
  await expect.poll(() => trayText(app)).toContain('Switched off');
  const words = addArguments('Studio', sshd, { remote: desk.port, local: await freePort() });
  await runCli([...words, '--token-file', desk.tokenFile], { home });
  expect(await runCli(['use', 'studio'], { home })).toMatchObject({ exitCode: 3 });
  await expect.poll(() => trayText(app)).toContain('is not known yet');

  const page = await openWindow(app);
  await page.getByRole('button', { name: 'Compare the fingerprint' }).click();
  const dialog = page.getByRole('dialog');
  const fingerprint = await sshd.hostFingerprint();
  expect((await dialog.innerText()).replaceAll(/\s/g, '')).toContain(fingerprint);
  await dialog.getByRole('button', { name: 'Trust and remember' }).click();
  await expect.poll(() => trayText(app), { timeout: 20_000 }).toContain('Studio: connected');
  await expect(page.getByText('Connected', { exact: true }).first()).toBeVisible();
  expect(await readFile(sshd.knownHostsFile, 'utf8')).toContain('ssh-ed25519');
  await app.close();
});

test('a token that was refused is entered anew in the window', async ({ home, sshd }) => {
  await using desk = await Desk.start();
  await prepareLaptop(home, null);
  const app = await launch({ home });
  await expect.poll(() => trayText(app)).toContain('Switched off');
  const words = addArguments('Studio', sshd, { remote: desk.port, local: await freePort() });
  await runCli([...words, '--token-file', '-'], { home, input: 'a-token-of-yesterday' });
  expect(await runCli(['use', 'studio'], { home })).toMatchObject({ exitCode: 3 });
  const page = await openWindow(app);
  await page.getByRole('button', { name: 'Enter the token' }).click();
  await page.getByLabel('Token or password').fill(await desk.token());
  await page.keyboard.press('Enter');
  await expect.poll(() => trayText(app), { timeout: 20_000 }).toContain('Studio: connected');
  expect(await page.content()).not.toContain(await desk.token());
  await app.close();
});

test('a second start hands over to the first and ends', async ({ home }) => {
  await prepareLaptop(home);
  const app = await launch({ home });
  await expect.poll(() => trayText(app)).toContain('This computer: connected');
  const { spawn } = await import('node:child_process');
  const { file, args, env } = electronCommand({ home });
  const opened = app.waitForEvent('window');
  const second = spawn(file, args, { env, stdio: 'ignore' });
  expect(await new Promise((resolve) => second.once('exit', resolve))).toBe(0);
  await (await opened).waitForLoadState();
  await app.close();
});

test('quitting leaves no process', async ({ home }) => {
  test.skip(!hasProc, NO_PROC);
  await prepareLaptop(home);
  const app = await launch({ home });
  await expect.poll(() => trayText(app)).toContain('This computer: connected');
  const pids = (await descendants(app.process().pid)).map(({ pid }) => pid);
  expect(pids.length).toBeGreaterThan(0);
  await clickTrayItem(app, 'quit');
  await waitUntilGone([app.process().pid ?? 0, ...pids]);
});
