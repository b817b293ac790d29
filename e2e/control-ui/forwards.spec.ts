import { expect, test } from '@playwright/test';

import { madeCalls, openApp, PLACE, useRenderer, watchFaults } from './control-ui.ts';
import { studio, withForwards } from './fixtures.ts';

test.use(PLACE);
const renderer = useRenderer();

test('shows each further port with its state, the one that fails with its cause', async ({ page }) => {
  const faults = watchFaults(page);
  await openApp(page, { url: renderer.url(), snapshot: withForwards(), place: '#/' });
  const card = page.getByRole('region', { name: 'Further ports' });
  await expect(card.getByRole('listitem')).toHaveCount(3);
  await expect(card).toContainText('127.0.0.1:19790');
  await expect(card).toContainText('Nothing listens on 127.0.0.1:5432 of studio');
  await expect(card).toContainText('to 127.0.0.1:8080, waits for the line');
  await card.getByRole('button', { name: 'Remove port 6432' }).click();
  expect(await madeCalls(page)).toEqual([
    { name: 'gateway.remove-forward', input: { id: studio.id, localPort: 6_432 } },
  ]);
  await faults.expectNone();
});

test('adds one, with the usual for what is left empty', async ({ page }) => {
  await openApp(page, { url: renderer.url(), snapshot: withForwards([]), place: '#/' });
  await page.getByRole('button', { name: 'Add port' }).click();
  const dialog = page.getByRole('dialog', { name: 'Another port of Studio' });
  await expect(dialog.getByLabel('Port there')).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(dialog.getByRole('alert').first()).toContainText('A port is a number');
  await dialog.getByLabel('Port there').fill('18790');
  await page.keyboard.press('Enter');
  await expect(dialog).toHaveCount(0);
  const forward = { localPort: 18_790, remoteHost: '127.0.0.1', remotePort: 18_790 };
  expect(await madeCalls(page)).toEqual([{ name: 'gateway.add-forward', input: { id: studio.id, forward } }]);
});
