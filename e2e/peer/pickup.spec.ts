import type { ElectronApplication, Page } from '@playwright/test';
import { expect } from '@playwright/test';

import { launch } from '../launch.ts';
import { runCli } from '../support/cli.ts';
import { addArguments, prepareLaptop } from '../support/desk.ts';
import { test } from '../support/fixtures.ts';
import { freePort } from '../support/free-port.ts';
import { giveHome } from '../support/remote-home.ts';
import { clickTrayItem, trayText } from '../support/tray.ts';
import { DeviceRelay } from './support/device-relay.ts';
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
  const [own, other] = [new DeviceRelay(remote.url), new DeviceRelay(remote.url)];
  await giveHome(sshd, { env: remote.env, programs: OPENCLAW_PROGRAM });
  await prepareLaptop(home, null);
  const app = await launch({ home });
  await expect.poll(() => trayText(app)).toContain('Switched off');
  for (const [name, relay] of [
    ['Other', other],
    ['Studio', own],
  ] as const) {
    const words = addArguments(name, sshd, { remote: await relay.listening(), local: await freePort() });
    await runCli([...words, '--token-file', '-'], { home, input: remote.token });
    expect(await runCli(['use', name], { home })).toMatchObject({ exitCode: 3 });
  }
  const page = await openWindow(app);
  await page.getByRole('button', { name: 'Approve over SSH' }).click();
  const dialog = page.getByRole('dialog', { name: 'Approve this computer on Studio' });
  await expect(dialog).toContainText(own.deviceId);
  await dialog.getByRole('button', { name: 'Approve over SSH' }).click();
  await expect.poll(() => trayText(app), { timeout: 60_000 }).toContain('Studio: connected');

  const openclaw = new Openclaw('local', { url: remote.url, token: remote.token });
  const { stdout } = await openclaw.run(['devices', 'list', '--json']);
  const { pending, paired } = JSON.parse(stdout) as Record<'pending' | 'paired', { deviceId: string }[]>;
  expect(pending.map(({ deviceId }) => deviceId)).toEqual([other.deviceId]);
  expect(paired.map(({ deviceId }) => deviceId)).toContain(own.deviceId);
  openclaw.close();
  await app.close();
  await Promise.all([own.close(), other.close()]);
  await remote.stop();
});
