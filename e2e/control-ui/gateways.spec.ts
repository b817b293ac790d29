import { expect, test } from '@playwright/test';

import { madeCalls, openApp, PLACE, useRenderer, watchFaults } from './control-ui.ts';
import { empty, snapshot, studio, tokenRefused } from './fixtures.ts';

test.use(PLACE);
const renderer = useRenderer();
const place = '#/gateways';

test('lists every gateway with its state, route and latency', async ({ page }) => {
  const faults = watchFaults(page);
  await openApp(page, { url: renderer.url(), snapshot: snapshot(), place });
  await expect(page.locator('.lead')).toHaveText('3 gateways: 1 connected');
  await expect(page.getByRole('row')).toHaveCount(4);
  const row = page.getByRole('row', { name: /Studio/ });
  await expect(row).toContainText('In use. Over SSH');
  await expect(row).toContainText('Connected');
  await expect(row).toContainText('local port 18789');
  await expect(row).toContainText(/23.ms/);
  await expect(page.getByRole('row', { name: /This computer/ }).getByRole('button', { name: /Remove/ })).toHaveCount(0);
  await faults.expectNone();
});

test('uses another gateway', async ({ page }) => {
  await openApp(page, { url: renderer.url(), snapshot: snapshot(), place });
  await page.getByRole('button', { name: 'Use This computer' }).click();
  expect(await madeCalls(page)).toEqual([{ name: 'gateway.use', input: { id: 'local' } }]);
});

test('keeps another connected beside the one in use', async ({ page }) => {
  await openApp(page, { url: renderer.url(), snapshot: snapshot(), place });
  await page.getByRole('button', { name: 'Keep This computer connected' }).click();
  expect(await madeCalls(page)).toEqual([{ name: 'gateway.keep', input: { id: 'local', keep: true } }]);
});

test('lets one go that was kept', async ({ page }) => {
  const shown = snapshot();
  const kept = shown.gateways.map((gateway) => ({ ...gateway, wanted: 'up' as const }));
  await openApp(page, { url: renderer.url(), snapshot: { ...shown, gateways: kept }, place });
  await page.getByRole('button', { name: 'Let This computer go' }).click();
  expect(await madeCalls(page)).toEqual([{ name: 'gateway.keep', input: { id: 'local', keep: false } }]);
});

test('asks before it removes one, standing on the safe answer', async ({ page }) => {
  await openApp(page, { url: renderer.url(), snapshot: snapshot(), place });
  await page.getByRole('button', { name: 'Remove Studio' }).click();
  const dialog = page.getByRole('dialog', { name: 'Remove Studio?' });
  await expect(dialog.getByRole('button', { name: 'Keep it' })).toBeFocused();
  await page.keyboard.press('Escape');
  expect(await madeCalls(page)).toEqual([]);
  await page.getByRole('button', { name: 'Remove Studio' }).click();
  await dialog.getByRole('button', { name: 'Remove gateway' }).click();
  await expect(dialog).toHaveCount(0);
  expect(await madeCalls(page)).toEqual([{ name: 'gateway.remove', input: { id: studio.id } }]);
});

test('adds one in a private network only once that is said to be trusted', async ({ page }) => {
  await openApp(page, { url: renderer.url(), snapshot: snapshot(), place });
  await page.getByRole('button', { name: 'Add gateway' }).click();
  await page.getByRole('radio', { name: 'At an address' }).check({ force: true });
  await page.getByLabel('Name').fill('Attic');
  await page.getByRole('textbox', { name: 'Address' }).fill('ws://192.168.1.20:18789');
  await page.getByRole('checkbox', { name: 'Connect to it now' }).uncheck();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: 'Add gateway' }).click();
  await expect(dialog).toContainText('would send your token in the clear');
  await dialog.getByText('Advanced').click();
  await dialog.getByRole('checkbox', { name: /private network that I trust/ }).check();
  await dialog.getByRole('button', { name: 'Add gateway' }).click();
  await expect(dialog).toHaveCount(0);
  expect(await madeCalls(page)).toEqual([
    {
      name: 'gateway.add',
      input: { kind: 'direct', name: 'Attic', url: 'ws://192.168.1.20:18789', trustedNetwork: true },
    },
  ]);
});

test('adds one whose connections the ssh of the system makes', async ({ page }) => {
  await openApp(page, { url: renderer.url(), snapshot: snapshot(), place });
  await page.getByRole('button', { name: 'Add gateway' }).click();
  await page.getByLabel('Name').fill('Workbench');
  await page.getByRole('textbox', { name: 'Computer' }).fill('workbench');
  await expect(page.getByLabel('SSH engine')).toBeHidden();
  await page.getByText('Advanced').click();
  await page.getByLabel('SSH engine').selectOption('The system’s ssh');
  await page.getByLabel('Connect to it now').uncheck();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('dialog')).toHaveCount(0);
  const input = { kind: 'ssh', name: 'Workbench', target: 'workbench', remotePort: 18_789, engine: 'system-ssh' };
  expect(await madeCalls(page)).toEqual([{ name: 'gateway.add', input }]);
});

test('adds one over SSH with its token, and connects to it', async ({ page }) => {
  await openApp(page, { url: renderer.url(), snapshot: snapshot(), place });
  await page.getByRole('button', { name: 'Add gateway' }).click();
  await expect(page.getByLabel('Name')).toBeFocused();
  await page.getByLabel('Name').fill(' Workbench ');
  await page.getByRole('textbox', { name: 'Computer' }).fill('ada@workbench:2222');
  await page.getByLabel('Private key file').fill('~/.ssh/id_work');
  await page.getByLabel('Token').fill('s3cret');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('dialog')).toHaveCount(0);
  expect(await madeCalls(page)).toEqual([
    {
      name: 'gateway.add',
      input: {
        kind: 'ssh',
        name: 'Workbench',
        target: 'ada@workbench:2222',
        remotePort: 18_789,
        identityFile: '~/.ssh/id_work',
      },
    },
    { name: 'gateway.set-token', input: { id: 'g-added', token: 's3cret' } },
    { name: 'gateway.use', input: { id: 'g-added' } },
  ]);
});

test('says beside each field what is wrong with it', async ({ page }) => {
  await openApp(page, { url: renderer.url(), snapshot: snapshot(), place });
  await page.getByRole('button', { name: 'Add gateway' }).click();
  await page.getByLabel('Gateway port there').fill('x');
  await page.keyboard.press('Enter');
  await expect(page.getByLabel('Name')).toHaveAccessibleDescription(/A name is needed/);
  await expect(page.getByRole('textbox', { name: 'Computer' })).toHaveAccessibleDescription(/The computer is needed/);
  await expect(page.getByLabel('Gateway port there')).toHaveAccessibleDescription(/from 1 to 65535/);
  await page.getByLabel('Name').fill('W');
  await expect(page.getByText('A name is needed.')).toHaveCount(0);
  expect(await madeCalls(page)).toEqual([]);
});

test('refuses an address that would send the token in the clear', async ({ page }) => {
  await openApp(page, { url: renderer.url(), snapshot: snapshot(), place });
  await page.getByRole('button', { name: 'Add gateway' }).click();
  await page.getByText('At an address').click();
  await page.getByLabel('Name').fill('Home');
  const address = page.getByRole('textbox', { name: 'Address' });
  for (const [typed, said] of [
    ['ws://192.168.1.20:18789', 'in the clear'],
    ['wss://ada:s3cret@home', 'must not carry'],
    ['home', 'begins with wss://'],
  ] as const) {
    await address.fill(typed);
    await page.keyboard.press('Enter');
    await expect(address).toHaveAccessibleDescription(new RegExp(said));
  }
  await address.fill('ws://127.0.0.1:19029');
  await page.getByLabel('Connect to it now').uncheck();
  await page.getByRole('button', { name: 'Add gateway' }).last().click();
  await expect(page.getByRole('dialog')).toHaveCount(0);
  expect(await madeCalls(page)).toEqual([
    { name: 'gateway.add', input: { kind: 'direct', name: 'Home', url: 'ws://127.0.0.1:19029' } },
  ]);
});

test('shows what the app said beside the field it is about', async ({ page }) => {
  const refused = {
    ok: false,
    error: { code: 'app/input-invalid', params: { call: 'gateway.add', problem: 'The name “Studio” is taken' } },
  } as const;
  await openApp(page, { url: renderer.url(), snapshot: snapshot(), place, answers: { 'gateway.add': refused } });
  await page.getByRole('button', { name: 'Add gateway' }).click();
  await page.getByLabel('Name').fill('Studio');
  await page.getByRole('textbox', { name: 'Computer' }).fill('studio');
  await page.keyboard.press('Enter');
  await expect(page.getByLabel('Name')).toHaveAccessibleDescription(/The name “Studio” is taken\./);
  await expect(page.getByRole('dialog')).toBeVisible();
});

test('does not add one twice when its token could not be stored', async ({ page }) => {
  const refused = { ok: false, error: { code: 'secrets/unreadable', params: { name: 'gateway.token' } } } as const;
  await openApp(page, { url: renderer.url(), snapshot: snapshot(), place, answers: { 'gateway.set-token': refused } });
  await page.getByRole('button', { name: 'Add gateway' }).click();
  await page.getByLabel('Name').fill('Workbench');
  await page.getByRole('textbox', { name: 'Computer' }).fill('workbench');
  await page.getByLabel('Token').fill('s3cret');
  await page.keyboard.press('Enter');
  await expect(page.getByLabel('Token')).toHaveAccessibleDescription(/could not be read/);
  await page.keyboard.press('Enter');
  await expect.poll(async () => (await madeCalls(page)).length).toBe(3);
  const names = (await madeCalls(page)).map(({ name }) => name);
  expect(names).toEqual(['gateway.add', 'gateway.set-token', 'gateway.set-token']);
});

test('explains what another gateway is good for when there is none', async ({ page }) => {
  await openApp(page, { url: renderer.url(), snapshot: empty, place });
  await expect(page.getByRole('heading', { name: 'No other gateway yet' })).toBeVisible();
  await page.getByRole('button', { name: 'Add another gateway' }).click();
  await expect(page.getByRole('dialog', { name: 'Add a gateway' })).toBeVisible();
});

test('offers the fix beside the gateway that failed', async ({ page }) => {
  await openApp(page, { url: renderer.url(), snapshot: tokenRefused, place });
  await expect(page.locator('.lead')).toHaveText('3 gateways: 1 needs you');
  await page.getByRole('button', { name: 'Enter the token' }).click();
  await expect(page.getByRole('dialog', { name: 'Token of Studio' })).toBeVisible();
});
