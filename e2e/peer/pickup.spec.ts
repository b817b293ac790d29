import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { ElectronApplication, Page } from '@playwright/test';
import { expect } from '@playwright/test';

import { launch } from '../launch.ts';
import { runCli, startCli } from '../support/cli.ts';
import { addArguments, prepareLaptop } from '../support/desk.ts';
import { test } from '../support/fixtures.ts';
import { freePort } from '../support/free-port.ts';
import { giveHome } from '../support/remote-home.ts';
import { clickTrayItem, trayText } from '../support/tray.ts';
import { Openclaw } from './support/openclaw.ts';
import { OPENCLAW } from './support/private-home.ts';
import { startRealGateway } from './support/real-gateway.ts';

const OPENCLAW_PROGRAM = { openclaw: [process.execPath, OPENCLAW] };

async function openWindow(app: ElectronApplication): Promise<Page> {
  const opened = app.waitForEvent('window');
  await clickTrayItem(app, 'open');
  return opened;
}

async function useStudio(home: string, words: readonly string[]): Promise<void> {
  expect(await runCli(words, { home })).toMatchObject({ exitCode: 0 });
  expect(await runCli(['use', 'studio'], { home })).toMatchObject({ exitCode: 3 });
}

test('a fresh laptop gets the token of the real OpenClaw over SSH and connects', async ({ home, sshd }) => {
  const remote = await startRealGateway();
  await giveHome(sshd, { env: remote.env, programs: OPENCLAW_PROGRAM });
  await prepareLaptop(home, null);
  const app = await launch({ home });
  await expect.poll(() => trayText(app)).toContain('Switched off');
  await useStudio(home, addArguments('Studio', sshd, { remote: remote.port, local: await freePort() }));
  const page = await openWindow(app);
  await page.getByRole('button', { name: 'Get the token over SSH' }).click();
  const dialog = page.getByRole('dialog', { name: 'Get the token of Studio over SSH' });
  await expect(dialog).toContainText('openclaw dashboard --no-open --json');
  await dialog.getByRole('button', { name: 'Get the token' }).click();
  await expect.poll(() => trayText(app), { timeout: 60_000 }).toContain('Studio: connected');
  expect(await page.content()).not.toContain(remote.token);
  await app.close();
  await remote.stop();
});

test('this device alone is approved by the real OpenClaw over SSH, and connects', async ({ home, sshd }) => {
  const remote = await startRealGateway({ config: { nodes: { pairing: { autoApproveLocal: false } } } });
  await giveHome(sshd, { env: remote.env, programs: OPENCLAW_PROGRAM });
  await prepareLaptop(home, null);
  const app = await launch({ home });
  await expect.poll(() => trayText(app)).toContain('Switched off');
  const openclaw = new Openclaw('local', { url: remote.url, token: remote.token });
  const devices = async () => {
    const { stdout } = await openclaw.run(['devices', 'list', '--json']);
    return JSON.parse(stdout) as Record<'pending' | 'paired', readonly { readonly deviceId: string }[]>;
  };
  const ids = (list: readonly { readonly deviceId: string }[]): readonly string[] =>
    list.map(({ deviceId }) => deviceId);
  // To each gateway of its list a computer is another device: the first of these is somebody else to the second.
  for (const name of ['Other', 'Studio']) {
    const words = addArguments(name, sshd, { remote: remote.port, local: await freePort() });
    await runCli([...words, '--token-file', '-'], { home, input: remote.token });
    expect(await runCli(['use', name], { home })).toMatchObject({ exitCode: 3 });
  }
  const asking = ids((await devices()).pending);
  expect(asking).toHaveLength(2);
  const page = await openWindow(app);
  await page.getByRole('button', { name: 'Approve over SSH' }).click();
  const dialog = page.getByRole('dialog', { name: 'Approve this computer on Studio' });
  await expect(dialog.getByRole('listitem').first()).toBeVisible();
  const shown = await dialog.innerText();
  const own = asking.find((id) => shown.includes(id)) ?? 'none of those who ask';
  expect(asking.filter((id) => shown.includes(id))).toEqual([own]);
  await dialog.getByRole('button', { name: 'Approve over SSH' }).click();
  await expect.poll(() => trayText(app), { timeout: 60_000 }).toContain('Studio: connected');
  const { pending, paired } = await devices();
  expect(ids(pending)).toEqual(asking.filter((id) => id !== own));
  expect(ids(paired)).toContain(own);

  await app.close();
  const again = await launch({ home });
  await expect.poll(() => trayText(again), { timeout: 60_000 }).toContain('Studio: connected');
  expect(ids((await devices()).pending)).toEqual(asking.filter((id) => id !== own));
  openclaw.close();
  await again.close();
  await remote.stop();
});

test('this device connects by itself once the real OpenClaw has approved it, and says when it was turned away', async ({
  home,
  sshd,
}) => {
  const remote = await startRealGateway({ config: { nodes: { pairing: { autoApproveLocal: false } } } });
  await prepareLaptop(home, null);
  await using app = startCli(['app', '--headless'], { home });
  await app.waitForLine(/Switched off/);
  const openclaw = new Openclaw('local', { url: remote.url, token: remote.token });
  const pending = async () => {
    const { stdout } = await openclaw.run(['devices', 'list', '--json']);
    return (JSON.parse(stdout) as { pending: { requestId: string }[] }).pending.map(({ requestId }) => requestId);
  };
  const status = async () => (await runCli(['status'], { home })).stdout;
  const log = () => readFile(join(home, 'logs/app.log'), 'utf8');
  const words = addArguments('Studio', sshd, { remote: remote.port, local: await freePort() });
  await runCli([...words, '--token-file', '-'], { home, input: remote.token });
  expect(await runCli(['use', 'Studio'], { home })).toMatchObject({ exitCode: 3 });
  const [first = ''] = await pending();
  await expect.poll(log, { timeout: 30_000 }).toContain('still waits for approval');
  expect(await pending()).toEqual([first]);

  await openclaw.run(['devices', 'reject', first, '--json']);
  await expect.poll(status, { timeout: 60_000 }).toContain(`no longer has request ${first}`);
  const [second = '', ...more] = await pending();
  expect(more).toEqual([]);
  expect(second).not.toBe(first);
  expect(await status()).toContain(second);

  expect(await runCli(['retry'], { home })).toMatchObject({ exitCode: 3 });
  expect(await pending()).toEqual([second]);
  await openclaw.run(['devices', 'approve', second, '--json']);
  await expect.poll(status, { timeout: 60_000 }).toContain('Studio: connected');
  expect(await pending()).toEqual([]);
  openclaw.close();
  await remote.stop();
});
