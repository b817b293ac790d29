import { mkdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect } from '@playwright/test';

import { launch, REPOSITORY } from '../launch.ts';
import { runCli } from '../support/cli.ts';
import { prepareLaptop } from '../support/desk.ts';
import { trayText } from '../support/tray.ts';
import { openWindow } from '../support/window.ts';
import { tailscaleEnv, test, urlOf } from './support/fixtures.ts';
import { Visitor } from './support/visitor.ts';

const PASSWORD = 'correct horse battery';
const SCREENS = join(REPOSITORY, 'test-results/screens/tailnet');

test('from a terminal to the page and back: Serve, its visitors, a Funnel with a password, and closed', async ({
  net,
  home,
}) => {
  const { tailnet, gw, phone } = net;
  mkdirSync(SCREENS, { recursive: true });
  await prepareLaptop(home);
  const app = await launch({ home, env: tailscaleEnv(gw) });
  await expect.poll(() => trayText(app)).toContain('Tailscale: Off');
  const visitor = new Visitor(phone, tailnet.ca);

  await test.step('a terminal opens it, and the window has the address', async () => {
    const { exitCode, stdout } = await runCli(['tailscale', 'serve'], { home });
    expect([exitCode, stdout.split('\n')[0]]).toEqual([0, urlOf(gw)]);
    await expect.poll(() => trayText(app)).toContain('This computer: open to your tailnet');
  });
  const page = await openWindow(app, 'exposure:more');
  await test.step('the sentence says how many there are to reach it', async () => {
    await expect(page.getByText(/Your tailnet \(up to \d other devices?\)/)).toBeVisible();
  });
  await test.step('who comes is seen with name and device', async () => {
    await expect(page.getByRole('img', { name: `QR code of ${urlOf(gw)}` })).toBeVisible();
    expect((await visitor.get(`${urlOf(gw)}/health`)).status).toBe(200);
    const visitors = page.getByRole('region', { name: 'Since it opened' });
    await expect(visitors).toContainText((await phone.user()).LoginName, { timeout: 10_000 });
    await expect(visitors).toContainText('phone');
    await page.screenshot({ path: join(SCREENS, 'serve.png') });
  });
  await test.step('a Funnel gets its password on the way', async () => {
    await page.getByText('Funnel: the internet').click();
    await page.getByRole('button', { name: 'Set a password' }).click();
    await page.getByRole('textbox', { name: 'Password' }).fill(PASSWORD);
    await page.keyboard.press('Enter');
    const open = page.getByRole('button', { name: 'Open to the internet' });
    await expect(open).toBeEnabled({ timeout: 10_000 });
    await page.screenshot({ path: join(SCREENS, 'planned.png') });
    await open.click();
    await expect(page.getByRole('timer')).toBeVisible({ timeout: 20_000 });
    await page.screenshot({ path: join(SCREENS, 'funnel.png') });
    expect(JSON.stringify(await gw.serveConfig())).toContain('AllowFunnel');
  });
  await test.step('one click takes the Funnel and its password back', async () => {
    await page.getByRole('button', { name: 'Undo' }).click();
    await expect(page.getByText('with a token or by Tailscale identity')).toBeVisible({ timeout: 20_000 });
    await expect(readFile(join(home, 'gateway.json5'))).rejects.toMatchObject({ code: 'ENOENT' });
    expect(JSON.stringify(await gw.serveConfig())).not.toContain('AllowFunnel');
    // One level: what is older was agreed to, so nothing offers it.
    await expect(page.getByRole('button', { name: 'Undo' })).toHaveCount(0);
  });
  await test.step('what a terminal closes, one click in the window opens again', async () => {
    expect(await runCli(['tailscale', 'off'], { home })).toMatchObject({ exitCode: 0 });
    await page.getByRole('button', { name: 'Undo' }).click();
    await expect(page.getByText('with a token or by Tailscale identity')).toBeVisible({ timeout: 20_000 });
    await expect(page.getByRole('button', { name: 'Undo' })).toHaveCount(0);
  });
  await test.step('our own client had the new secrets at once', async () => {
    const { stdout } = await runCli(['events'], { home });
    expect(stdout).not.toMatch(/line lost|: back|refused/);
  });
  await test.step('the terminal closes it, and nothing is left', async () => {
    expect(await runCli(['tailscale', 'off'], { home })).toMatchObject({ exitCode: 0 });
    await expect(page.getByText('Only this computer can reach this gateway.')).toBeVisible();
    expect(await gw.serveConfig()).toEqual({});
    const { stdout } = await runCli(['events'], { home });
    expect(stdout.match(/Closed to your tailnet/g)).toHaveLength(2);
  });
  await app.close();
  const logs = await Promise.all(['app', 'gateway'].map((name) => readFile(join(home, `logs/${name}.log`), 'utf8')));
  expect(logs.join('').includes(PASSWORD)).toBe(false);
});
