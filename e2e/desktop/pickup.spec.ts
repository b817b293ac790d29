import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect } from '@playwright/test';

import { launch, REPOSITORY } from '../launch.ts';
import { runCli, startCli } from '../support/cli.ts';
import { addArguments, Desk, prepareLaptop } from '../support/desk.ts';
import { test } from '../support/fixtures.ts';
import { freePort } from '../support/free-port.ts';
import type { PrivateSshd } from '../support/private-sshd.ts';
import { giveHome } from '../support/remote-home.ts';
import { trayText } from '../support/tray.ts';
import { openWindow } from '../support/window.ts';

const GANGWAY = [process.execPath, join(REPOSITORY, 'out/main/cli.js')];

/** “The other computer”: its gateway, and its own command line in the path of a login shell. */
async function startStudio(sshd: PrivateSshd, more = ''): Promise<Desk> {
  const desk = await Desk.start(`{ gateway: { ${more} } }\n`);
  // Its configuration names the port, as on a computer whose gateway was not started by hand.
  const env = { GANGWAY_HOME: desk.home };
  await giveHome(sshd, { env, programs: { gangway: [...GANGWAY] } });
  await desk.rememberPort(more);
  return desk;
}

test('a fresh laptop gets the token over SSH, with consent, and copies nothing', async ({ home, sshd }) => {
  await using desk = await startStudio(sshd);
  await prepareLaptop(home, null);
  const app = await launch({ home });
  await expect.poll(() => trayText(app)).toContain('Switched off');
  await runCli(addArguments('Studio', sshd, { remote: desk.port, local: await freePort() }), { home });
  expect(await runCli(['use', 'studio'], { home })).toMatchObject({ exitCode: 3 });
  const page = await openWindow(app);
  await page.getByRole('button', { name: 'Get the token over SSH' }).click();
  const dialog = page.getByRole('dialog', { name: 'Get the token of Studio over SSH' });
  await expect(dialog).toContainText(`on ${sshd.host} as ${sshd.user}`);
  await expect(dialog.getByRole('listitem').first()).toHaveText(`exec "$SHELL" -lc 'gangway gateway token --json'`);
  await dialog.getByRole('button', { name: 'Get the token' }).click();
  await expect.poll(() => trayText(app), { timeout: 20_000 }).toContain('Studio: connected');
  const token = await desk.token();
  expect(await page.content()).not.toContain(token);
  const { stdout } = await runCli(['status', '--json'], { home });
  expect(stdout).not.toContain(token);
  await app.close();
  expect(await readFile(join(home, 'logs/app.log'), 'utf8')).not.toContain(token);
});

const ASKS_FOR_APPROVAL = 'nodes: { pairing: { autoApproveLocal: false } }';

interface Devices {
  readonly pending: readonly { readonly deviceId: string }[];
  readonly paired: readonly { readonly deviceId: string; readonly displayName: string }[];
}

async function devicesOf(desk: Desk): Promise<Devices> {
  const { stdout } = await runCli(['gateway', 'devices', '--json'], { home: desk.home });
  return JSON.parse(stdout) as Devices;
}

test('a fresh laptop gets the token, then approves itself, and is asked for neither again', async ({ home, sshd }) => {
  await using desk = await startStudio(sshd, ASKS_FOR_APPROVAL);
  await prepareLaptop(home, null);
  const app = await launch({ home });
  await expect.poll(() => trayText(app)).toContain('Switched off');
  await runCli(addArguments('Studio', sshd, { remote: desk.port, local: await freePort() }), { home });
  expect(await runCli(['use', 'studio'], { home })).toMatchObject({ exitCode: 3 });
  const page = await openWindow(app);
  await page.getByRole('button', { name: 'Get the token over SSH' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Get the token' }).click();
  await expect(page.getByRole('heading', { name: 'This computer waits for approval' })).toBeVisible({
    timeout: 20_000,
  });
  const [waiting] = (await devicesOf(desk)).pending;

  await page.getByRole('button', { name: 'Approve over SSH' }).click();
  const dialog = page.getByRole('dialog', { name: 'Approve this computer on Studio' });
  await expect(dialog).toContainText(waiting?.deviceId ?? 'nobody waits');
  await expect(dialog.getByRole('listitem').first()).toHaveText(
    `exec "$SHELL" -lc 'gangway gateway devices list --json'`,
  );
  await dialog.getByRole('button', { name: 'Approve over SSH' }).click();
  await expect.poll(() => trayText(app), { timeout: 20_000 }).toContain('Studio: connected');
  const { pending, paired } = await devicesOf(desk);
  expect(pending).toEqual([]);
  expect(paired).toMatchObject([{ deviceId: waiting?.deviceId, displayName: /^Gangway on / }]);

  expect(await runCli(['gateways', 'move', 'studio', '--port', String(await freePort())], { home })).toMatchObject({
    exitCode: 0,
  });
  await app.close();
  const again = await launch({ home });
  await expect.poll(() => trayText(again), { timeout: 20_000 }).toContain('Studio: connected');
  expect(await devicesOf(desk)).toMatchObject({ pending: [], paired: [{ deviceId: waiting?.deviceId }] });
  await again.close();
  const log = await readFile(join(home, 'logs/app.log'), 'utf8');
  for (const name of await readdir(join(home, 'secrets')).catch(() => [])) {
    expect(log).not.toContain((await readFile(join(home, 'secrets', name), 'utf8')).trim());
  }
});

test('a device that is rejected there asks anew when it is tried again, and connects by itself once approved', async ({
  home,
  sshd,
}) => {
  await using desk = await startStudio(sshd, ASKS_FOR_APPROVAL);
  await prepareLaptop(home, null);
  await using app = startCli(['app', '--headless'], { home });
  await app.waitForLine(/Switched off/);
  const words = addArguments('Studio', sshd, { remote: desk.port, local: await freePort() });
  await runCli([...words, '--token-file', desk.tokenFile], { home });
  const refused = await runCli(['use', 'studio'], { home });
  expect(refused).toMatchObject({ exitCode: 3 });
  expect(refused.stdout).toContain('gangway gateways pickup Studio');
  const there = (...more: string[]) => runCli(['gateway', 'devices', ...more], { home: desk.home });
  const [first] = (await devicesOf(desk)).pending as readonly {
    readonly requestId: string;
    readonly deviceId: string;
  }[];
  expect(await there('reject', first?.requestId ?? '')).toMatchObject({ exitCode: 0, stdout: 'rejected\n' });
  expect((await devicesOf(desk)).pending).toEqual([]);

  expect(await runCli(['retry'], { home })).toMatchObject({ exitCode: 3 });
  const listed = await there();
  const requestId = /^waits +(\S+) +Gangway on .*operator, operator\.read$/m.exec(listed.stdout)?.[1] ?? listed.stdout;
  expect(await there('approve', requestId)).toMatchObject({ exitCode: 0 });
  await expect
    .poll(async () => (await runCli(['status'], { home })).stdout, { timeout: 30_000 })
    .toContain('Studio: connected');

  expect(await there('remove', first?.deviceId ?? '')).toMatchObject({ exitCode: 0 });
  await expect
    .poll(async () => (await runCli(['status'], { home })).stdout, { timeout: 10_000 })
    .toContain('waits for approval');
});

test('a terminal reads what is run and says yes; without a person nothing is run', async ({ home, sshd }) => {
  await using desk = await startStudio(sshd);
  await prepareLaptop(home, null);
  await using app = startCli(['app', '--headless'], { home });
  await app.waitForLine(/Switched off/);
  await runCli(addArguments('Studio', sshd, { remote: desk.port, local: await freePort() }), { home });
  await runCli(['use', 'studio'], { home });
  const asked = await runCli(['gateways', 'pickup', 'studio'], { home });
  expect(asked.exitCode).toBe(64);
  expect(asked.stderr).toContain(`as ${sshd.user}`);
  expect(sshd.logs).not.toContain('Starting session: command');
  const agreed = await runCli(['gateways', 'pickup', 'studio', '--yes'], { home });
  expect(agreed, agreed.stderr).toMatchObject({ exitCode: 0 });
  expect(agreed.stdout).toContain('Studio: connected');
  expect(agreed.stdout + agreed.stderr).not.toContain(await desk.token());
  expect(sshd.logs).toContain('Starting session: command');
});

test('a computer without these programs is named, and the line is left as it was', async ({ home, sshd }) => {
  await using desk = await Desk.start();
  await giveHome(sshd, { env: {}, programs: {} });
  await prepareLaptop(home, null);
  await using app = startCli(['app', '--headless'], { home });
  await app.waitForLine(/Switched off/);
  await runCli(addArguments('Studio', sshd, { remote: desk.port, local: await freePort() }), { home });
  await runCli(['use', 'studio'], { home });
  const { exitCode, stderr } = await runCli(['gateways', 'pickup', 'studio', '--yes'], { home });
  expect(exitCode).toBe(3);
  expect(stderr).toContain('Neither gangway nor openclaw was found');
  expect((await runCli(['status'], { home })).stdout).toContain('asks for a token');
});
