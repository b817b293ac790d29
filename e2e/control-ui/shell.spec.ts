import { expect, test } from '@playwright/test';

import { madeCalls, openApp, PLACE, useRenderer } from './control-ui.ts';
import { hostKeyUnknown, off, snapshot, studio } from './fixtures.ts';

test.use(PLACE);
const renderer = useRenderer();

test('opens the list of gateways, moves in it by keyboard and chooses', async ({ page }) => {
  await openApp(page, { url: renderer.url(), snapshot: snapshot() });
  const button = page.getByRole('button', { name: /Gateway: Studio/ });
  await expect(button).toContainText(/Connected · 23.ms/);
  await button.press('ArrowDown');
  const items = page.getByRole('menu', { name: 'Gateways' }).getByRole('menuitemradio');
  await expect(items).toHaveText([/This computer.*Off/, /Studio.*Connected/, /Home server.*Off/, /Off.*nothing/]);
  await expect(items.nth(1)).toBeFocused();
  await expect(items.nth(1)).toBeChecked();
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('ArrowUp');
  await expect(items.nth(3)).toBeFocused();
  await page.keyboard.press('Home');
  await page.keyboard.press('Enter');
  await expect(items).toHaveCount(0);
  await expect(button).toBeFocused();
  expect(await madeCalls(page)).toEqual([{ name: 'gateway.use', input: { id: 'local' } }]);
});

test('switches off from the list, and closes it on Escape or a press outside', async ({ page }) => {
  await openApp(page, { url: renderer.url(), snapshot: snapshot() });
  const button = page.getByRole('button', { name: /Gateway: Studio/ });
  const menu = page.getByRole('menu');
  await button.click();
  await page.keyboard.press('Escape');
  await expect(menu).toHaveCount(0);
  await expect(button).toBeFocused();
  await button.click();
  await page.getByRole('heading', { level: 1 }).click();
  await expect(menu).toHaveCount(0);
  await button.click();
  await page.getByRole('menuitemradio', { name: /nothing is connected/ }).click();
  expect(await madeCalls(page)).toEqual([{ name: 'gateway.off', input: undefined }]);
});

test('switches gateways and tries again by shortcut', async ({ page }) => {
  await openApp(page, { url: renderer.url(), snapshot: snapshot() });
  await expect(page.getByRole('main')).toBeVisible();
  await page.keyboard.press('Control+1');
  await page.keyboard.press('Control+2');
  await page.keyboard.press('Control+9');
  await page.keyboard.press('Control+r');
  expect(await madeCalls(page)).toEqual([
    { name: 'gateway.use', input: { id: 'local' } },
    { name: 'gateway.retry', input: { id: studio.id } },
  ]);
});

test('does not act behind an open question', async ({ page }) => {
  await openApp(page, { url: renderer.url(), snapshot: hostKeyUnknown });
  await page.getByRole('button', { name: 'Compare the fingerprint' }).click();
  await page.keyboard.press('Control+1');
  await page.keyboard.press('Control+r');
  expect(await madeCalls(page)).toEqual([]);
});

test('has only links that lead somewhere, and moves the focus with them', async ({ page }) => {
  await openApp(page, { url: renderer.url(), snapshot: snapshot() });
  await expect(page.getByRole('navigation').getByRole('link')).toHaveText(['Overview', 'Exposure', 'Gateways']);
  await page.getByRole('link', { name: 'Gateways' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Gateways');
  await expect(page.getByRole('main')).toBeFocused();
  await page.goBack();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Overview');
});

test('skips to the page with the first Tab', async ({ page }) => {
  await openApp(page, { url: renderer.url(), snapshot: snapshot() });
  await expect(page.getByRole('main')).toBeVisible();
  await page.keyboard.press('Tab');
  await expect(page.getByRole('link', { name: 'Skip to the page' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('main')).toBeFocused();
});

test('shows a focus ring on everything that takes the focus', async ({ page }) => {
  await openApp(page, { url: renderer.url(), snapshot: off });
  await expect(page.getByRole('main')).toBeVisible();
  for (let press = 0; press < 8; press += 1) {
    await page.keyboard.press('Tab');
    const ring = await page.evaluate(() => {
      const focused = document.activeElement;
      return focused === null || focused === document.body ? '2px' : getComputedStyle(focused).outlineWidth;
    });
    expect(ring).toBe('2px');
  }
});

test('folds its places into a menu where there is little room', async ({ page }) => {
  await page.setViewportSize({ width: 420, height: 720 });
  await openApp(page, { url: renderer.url(), snapshot: snapshot() });
  const link = page.getByRole('link', { name: 'Gateways' });
  await expect(link).toBeHidden();
  await page.getByRole('button', { name: 'Places' }).click();
  await expect(link).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(link).toBeHidden();
  await page.getByRole('button', { name: 'Places' }).click();
  await link.click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Gateways');
  await expect(link).toBeHidden();
});
