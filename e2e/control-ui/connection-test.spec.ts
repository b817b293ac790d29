import { expect, test } from '@playwright/test';

import { madeCalls, openApp, PLACE, progress, useRenderer, watchFaults } from './control-ui.ts';
import { causeIn, hostKeyUnknown, KNOWN_FINGERPRINT, snapshot, studio, testReport, tokenRefused } from './fixtures.ts';

test.use(PLACE);
const renderer = useRenderer();

test('takes the steps one by one before the eyes, with times, and says how it went', async ({ page }) => {
  const faults = watchFaults(page);
  await openApp(page, { url: renderer.url(), snapshot: snapshot() });
  await page.getByRole('button', { name: 'Test connection' }).click();
  const dialog = page.getByRole('dialog', { name: 'Test the connection to Studio' });
  const steps = dialog.getByRole('listitem');
  await expect(steps).toHaveCount(9);
  await expect(steps.first()).toContainText('under way');
  for (let count = 1; count < 9; count += 1) {
    await progress(page, testReport(count));
    await expect(steps.nth(count - 1)).toContainText('well');
    await expect(steps.nth(count)).toContainText('under way');
  }
  await expect(steps.nth(1)).toContainText(/12.ms/);
  await progress(page, testReport(9));
  await expect(dialog.getByRole('status')).toHaveText(/The whole way is well: 9 steps in 89.ms\./);
  await expect(dialog.getByRole('button', { name: 'Close' })).toBeFocused();
  const [made] = await madeCalls(page);
  expect(made).toMatchObject({ name: 'test.run', input: { of: { id: studio.id } } });
  await faults.expectNone();
});

test('names the step that fails, and its one button fixes it', async ({ page }) => {
  await openApp(page, { url: renderer.url(), snapshot: hostKeyUnknown });
  await page.getByRole('button', { name: 'Test connection' }).click();
  await progress(page, testReport(2, causeIn(hostKeyUnknown)));
  const dialog = page.getByRole('dialog', { name: 'Test the connection to Studio' });
  await expect(dialog.getByRole('status')).toHaveText('The way ends at Host key: studio is not known yet.');
  await expect(dialog.getByRole('listitem').nth(2)).toContainText('failed');
  await expect(dialog.getByRole('listitem').nth(3)).toContainText('not tried');
  await dialog.getByRole('button', { name: 'Compare the fingerprint' }).click();
  const question = page.getByRole('dialog', { name: 'Is this studio?' });
  await question.getByRole('button', { name: 'Trust and remember' }).click();
  await expect(question).toHaveCount(0);
  await dialog.getByRole('button', { name: 'Test again' }).click();
  await progress(page, testReport(9));
  await expect(dialog.getByRole('status')).toContainText('The whole way is well');
  expect((await madeCalls(page)).map(({ name }) => name)).toEqual(['test.run', 'gateway.trust-host-key', 'test.run']);
});

test('stops when asked to, and when it is closed', async ({ page }) => {
  await openApp(page, { url: renderer.url(), snapshot: snapshot(), place: '#/gateways' });
  await page.getByRole('button', { name: 'Test the connection to Studio' }).click();
  const dialog = page.getByRole('dialog');
  await progress(page, testReport(1));
  await dialog.getByRole('button', { name: 'Stop the test' }).click();
  await progress(page, { ...testReport(1), status: 'cancelled' });
  await expect(dialog.getByRole('status')).toHaveText('The test was stopped. Nothing was left open.');
  await dialog.getByRole('button', { name: 'Test again' }).click();
  await page.keyboard.press('Escape');
  await expect(dialog).toHaveCount(0);
  const made = await madeCalls(page);
  expect(made.map(({ name }) => name)).toEqual(['test.run', 'test.cancel', 'test.run', 'test.cancel']);
  const runs = made.map(({ input }) => (input as { run: string }).run);
  expect([runs[1], runs[3]]).toEqual([runs[0], runs[2]]);
});

test('ignores what is told of another test', async ({ page }) => {
  await openApp(page, { url: renderer.url(), snapshot: snapshot() });
  await page.getByRole('button', { name: 'Test connection' }).click();
  await progress(page, { ...testReport(4), run: 'somebody-else' } as ReturnType<typeof testReport>);
  await expect(page.getByRole('dialog').getByRole('listitem').first()).toContainText('under way');
});

test('tests what was typed before it is added, and leads back to the field that has to change', async ({ page }) => {
  await openApp(page, { url: renderer.url(), snapshot: snapshot(), place: '#/gateways' });
  await page.getByRole('button', { name: 'Add gateway' }).click();
  const testIt = page.getByRole('dialog').getByRole('button', { name: 'Test connection' });
  await testIt.click();
  await expect(page.getByRole('textbox', { name: 'Computer' })).toBeFocused();
  await page.getByRole('textbox', { name: 'Computer' }).fill('ada@studio');
  await page.getByLabel('Token').fill('s3cret-s3cret');
  await testIt.click();
  const gateway = { kind: 'ssh', name: 'ada@studio', target: 'ada@studio', remotePort: 18_789 };
  const [made] = await madeCalls(page);
  expect(made).toMatchObject({ name: 'test.run', input: { of: { gateway, token: 's3cret-s3cret' } } });
  await progress(page, testReport(7, causeIn(tokenRefused)));
  const dialog = page.getByRole('dialog', { name: 'Test the connection to ada@studio' });
  await dialog.getByRole('button', { name: 'Enter the token' }).click();
  await expect(dialog).toHaveCount(0);
  await expect(page.getByLabel('Token')).toBeFocused();
});

test('trusts the key of a computer that is not in the list yet', async ({ page }) => {
  await openApp(page, { url: renderer.url(), snapshot: snapshot(), place: '#/gateways' });
  await page.getByRole('button', { name: 'Add gateway' }).click();
  await page.getByRole('textbox', { name: 'Computer' }).fill('studio');
  await page.getByRole('dialog').getByRole('button', { name: 'Test connection' }).click();
  await progress(page, testReport(2, causeIn(hostKeyUnknown)));
  await page.getByRole('button', { name: 'Compare the fingerprint' }).click();
  await page.getByRole('button', { name: 'Trust and remember' }).click();
  await expect(page.getByRole('dialog', { name: 'Is this studio?' })).toHaveCount(0);
  expect((await madeCalls(page)).at(-1)).toMatchObject({
    name: 'gateway.trust-host-key',
    input: { gateway: { kind: 'ssh', target: 'studio' }, fingerprint: KNOWN_FINGERPRINT, how: 'always' },
  });
});
