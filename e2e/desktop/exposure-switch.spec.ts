import type { ElectronApplication } from '@playwright/test';
import { expect } from '@playwright/test';

import { launch } from '../launch.ts';
import { runCli } from '../support/cli.ts';
import { prepareLaptop } from '../support/desk.ts';
import { buildExposingApp, type ExposingApp } from '../support/exposing-app.ts';
import { test } from '../support/fixtures.ts';
import { clickTrayItem, shownNotifications, trayFacts, trayText } from '../support/tray.ts';
import { openWindow } from '../support/window.ts';

const URL = 'https://laptop.tail1f3a.ts.net';
let built: ExposingApp;
test.beforeAll(async () => {
  built = await buildExposingApp();
});
test.afterAll(() => built.remove());

async function start(home: string): Promise<ElectronApplication> {
  await prepareLaptop(home);
  const app = await launch({ home, appFolder: built.folder });
  await expect.poll(() => trayText(app)).toContain('Tailscale: Off');
  return app;
}

test('tray, window and terminal open, show and close the same gateway', async ({ home }) => {
  const app = await start(home);

  await test.step('one click in the tray opens it to the tailnet', async () => {
    await clickTrayItem(app, 'exposure:serve');
    await expect.poll(() => trayText(app)).toContain('This computer: open to your tailnet');
    expect(await trayText(app)).toContain('[x] Serve: my tailnet');
    expect((await trayFacts(app)).toolTip).toContain('open to your tailnet');
  });

  await test.step('a terminal says the same', async () => {
    const { exitCode, stdout } = await runCli(['tailscale'], { home });
    expect([exitCode, stdout.split('\n').slice(0, 2)]).toEqual([
      0,
      [URL, 'Your tailnet can reach this gateway now, with a token or by Tailscale identity.'],
    ]);
    expect((await runCli(['status'], { home })).stdout).toContain('Your tailnet can reach this gateway now');
  });

  const page = await openWindow(app, 'exposure:more');
  await test.step('the window goes the way from a token to a Funnel', async () => {
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('Exposure');
    await expect(page.getByRole('img', { name: `QR code of ${URL}` })).toBeVisible();
    await page.getByText('Funnel: the internet').click();
    await page.getByRole('button', { name: 'Set a password' }).click();
    await page.getByRole('textbox', { name: 'Password' }).fill('correct horse battery');
    await page.keyboard.press('Enter');
    await expect(page.getByRole('dialog')).toHaveCount(0);
    await page.getByRole('button', { name: 'Open to the internet' }).click();
    await expect(page.getByRole('timer')).toContainText('Public for another');
    await expect(page.getByRole('button', { name: 'Gateway: This computer' })).toContainText(/Public · (29|30).min/);
    await expect.poll(async () => (await trayFacts(app)).image).toContain('public');
    await page.getByRole('button', { name: 'Add 15 min' }).click();
    await expect(page.getByRole('timer')).toContainText('of 45');
  });

  await test.step('one click takes it all back', async () => {
    await page.getByRole('button', { name: 'Undo' }).click();
    await expect(page.getByText('Your tailnet', { exact: true })).toBeVisible();
    await expect(page.getByText('with a token or by Tailscale identity')).toBeVisible();
  });

  await test.step('the terminal closes it, and the timeline has it all', async () => {
    expect(await runCli(['tailscale', 'off'], { home })).toMatchObject({ exitCode: 0 });
    await expect(page.getByText('Only this computer can reach this gateway.')).toBeVisible();
    const { stdout } = await runCli(['events'], { home });
    for (const words of ['Open to your tailnet', 'Open to the internet', 'Back to Serve', 'Closed to your tailnet']) {
      expect(stdout).toContain(words);
    }
    expect(stdout).toContain('The time of the Funnel was changed. 15 min more');
  });
  await app.close();
});

test('what the tray cannot open it explains, and leads to where it is mended', async ({ home }) => {
  const app = await start(home);
  const opened = app.waitForEvent('window');
  await clickTrayItem(app, 'exposure:funnel');
  const page = await opened;
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Exposure');
  await expect.poll(() => trayText(app)).toContain('Funnel was not opened. Funnel needs a password');
  expect(await trayText(app)).toContain('[x] Off');
  await app.close();
});

test('tells of a Funnel that closed on time, and of a route that is lost for long', async ({ home }) => {
  await built.steer(home, { shortMs: 1_500 });
  const app = await start(home);
  const funnel = ['tailscale', 'funnel', '--password-file', '-', '--json'];
  expect(await runCli(funnel, { home, input: 'correct horse battery' })).toMatchObject({ exitCode: 0 });
  const told = async (): Promise<string[]> => (await shownNotifications(app)).map(({ title }) => title);
  await expect.poll(told, { timeout: 20_000 }).toEqual(['Funnel closed on time']);
  await clickTrayItem(app, 'exposure:serve');
  await expect.poll(() => trayText(app)).toContain('open to your tailnet');
  const cause = { code: 'tailscale/stopped', params: {} } as const;
  await built.steer(home, { lost: { cause, sinceMs: Date.now() - 61_000 } });
  await expect.poll(told).toEqual(['Funnel closed on time', 'Serve is not open']);
  expect(await trayText(app)).toContain('Tailscale: Serve (not open)');
  expect(await runCli(['tailscale', 'status'], { home })).toMatchObject({ exitCode: 1 });
  await built.steer(home, {});
  await expect.poll(() => trayText(app)).toContain('Serve is back. After: Tailscale is switched off');
  await app.close();
});
