import { expect, test, type Page } from '@playwright/test';

import { madeCalls, openApp, PLACE, push, useRenderer, watchFaults, type Answers } from './control-ui.ts';
import * as exposure from './exposure-fixtures.ts';
import { NOW, off, onThisComputer } from './fixtures.ts';

test.use(PLACE);
const renderer = useRenderer();

const planned = (plan: ReturnType<typeof exposure.planOf>): Answers => ({ 'exposure.plan': { ok: true, value: plan } });
const funnelPlan = exposure.planOf({ mode: 'funnel', port: 443, untilMs: undefined });
const blocked = exposure.planOf(funnelPlan.wish, { secret: exposure.needsPassword });

async function openPage(page: Page, snapshot: typeof exposure.serve, answers: Answers = {}): Promise<void> {
  await openApp(page, { url: renderer.url(), snapshot, answers, place: '#/exposure' });
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Exposure');
}

const choose = (page: Page, name: string): Promise<void> =>
  page.getByRole('radiogroup', { name: 'Tailscale' }).getByText(name).click();
const applied = async (page: Page) =>
  (await madeCalls(page)).filter(({ name }) => name !== 'exposure.plan' && name !== 'exposure.devices');

test('says who can reach the gateway, how fresh that is, and who has come', async ({ page }) => {
  const faults = watchFaults(page);
  await openPage(page, exposure.serve);
  const sentence = page.getByRole('region', { name: 'Who can reach this gateway' });
  await expect(sentence).toContainText(
    'Your tailnet can reach this gateway now, with a token or by Tailscale identity.',
  );
  await expect(sentence).toContainText('It answered at its own address 40');
  await expect(page.getByRole('button', { name: 'Gateway: This computer' })).toContainText('Tailnet · 0.4');
  const visitors = page.getByRole('region', { name: 'Since it opened' });
  await expect(visitors.getByRole('listitem')).toHaveCount(3);
  await expect(visitors).toContainText('2 signed in, 1 refused');
  await expect(visitors.getByRole('listitem').first()).toContainText('ann@example.com');
  await expect(visitors.getByRole('listitem').first()).toContainText('ann-phone, 100.64.0.2');
  await expect(page.getByRole('img', { name: `QR code of ${exposure.TAILNET_URL}` })).toBeVisible();
  // Looking at it asks for the number of devices, once.
  expect(await madeCalls(page)).toEqual([{ name: 'exposure.devices' }]);
  await faults.expectNone();
});

test('shows what would change before anything changes, and keeps it as it is', async ({ page }) => {
  await openPage(page, exposure.serve, planned(funnelPlan));
  await choose(page, 'Funnel: the internet');
  await expect(page.getByRole('heading', { name: 'Before Funnel can start' })).toBeVisible();
  await expect(page.locator('.checks > li')).toHaveCount(10);
  await expect(page.locator('.diff')).toContainText('password, for everyone');
  await expect(page.getByRole('radio', { name: /30.min/ })).toBeChecked();
  await page.getByRole('button', { name: 'Keep Serve' }).click();
  await expect(page.getByRole('heading', { name: 'Since it opened' })).toBeVisible();
  expect(await applied(page)).toEqual([]);
});

test('opens to the internet for the chosen time', async ({ page }) => {
  await openPage(page, exposure.serve, planned(funnelPlan));
  await choose(page, 'Funnel: the internet');
  await page.getByRole('radiogroup', { name: 'Close again after' }).getByText('1 h').click();
  await page.getByRole('radiogroup', { name: 'On port' }).getByText('8443').click();
  await page.getByRole('button', { name: 'Open to the internet' }).click();
  await push(page, exposure.funnel);
  await expect(page.getByRole('timer')).toContainText('27:14');
  expect(await applied(page)).toEqual([
    { name: 'exposure.apply', input: { mode: 'funnel', port: 8443, forMs: 3_600_000 } },
  ]);
});

test('says that a Funnel without an end stays open', async ({ page }) => {
  await openPage(page, exposure.serve, planned(funnelPlan));
  await choose(page, 'Funnel: the internet');
  await page.getByText('Stays on').click();
  await expect(page.getByText('It stays open until somebody closes it')).toBeVisible();
  await page.getByRole('button', { name: 'Open to the internet' }).click();
  expect(await applied(page)).toEqual([{ name: 'exposure.apply', input: { mode: 'funnel', port: 443 } }]);
});

test('opens nothing while a check is not well, and sets the password it lacks', async ({ page }) => {
  await openPage(page, exposure.serve, planned(blocked));
  await choose(page, 'Funnel: the internet');
  await expect(page.getByRole('button', { name: 'Open to the internet' })).toBeDisabled();
  await expect(page.locator('.checks > li[data-s=failed]')).toContainText('Funnel needs a password of 16 characters');
  const opener = page.getByRole('button', { name: 'Set a password' });
  await opener.click();
  const dialog = page.getByRole('dialog', { name: 'Password for this gateway' });
  await expect(dialog.getByLabel('Password')).toBeFocused();
  await dialog.getByLabel('Password').fill('too short');
  await page.keyboard.press('Enter');
  await expect(dialog).toContainText('It needs 16 characters or more; these are 9.');
  await dialog.getByLabel('Password').fill('correct horse battery');
  await page.keyboard.press('Enter');
  await expect(dialog).toHaveCount(0);
  expect(await applied(page)).toEqual([
    { name: 'exposure.set-password', input: { how: 'typed', password: 'correct horse battery' } },
  ]);
  await expect(page.locator('body')).not.toContainText('correct horse battery');
});

test('has a password made without ever holding it', async ({ page }) => {
  await openPage(page, exposure.serve, planned(blocked));
  await choose(page, 'Funnel: the internet');
  await page.getByRole('button', { name: 'Set a password' }).click();
  await page.getByRole('button', { name: 'Make one and copy it' }).click();
  const dialog = page.getByRole('dialog', { name: 'The password is on the clipboard' });
  await expect(dialog.getByRole('button', { name: 'I have it' })).toBeFocused();
  expect(await applied(page)).toEqual([{ name: 'exposure.set-password', input: { how: 'generated' } }]);
  await page.keyboard.press('Escape');
  await expect(dialog).toHaveCount(0);
});

test('asks again once the gateway asks for a password', async ({ page }) => {
  await openPage(page, exposure.serve, planned(blocked));
  await choose(page, 'Funnel: the internet');
  await expect(page.getByRole('button', { name: 'Set a password' })).toBeVisible();
  const { gateways } = exposure.serve;
  const asked = gateways.map((gateway) =>
    gateway.exposure === undefined
      ? gateway
      : {
          ...gateway,
          exposure: { ...gateway.exposure, access: { ...gateway.exposure.access, auth: 'password' as const } },
        },
  );
  await push(page, { ...exposure.serve, revision: 5, gateways: asked });
  await expect.poll(async () => (await madeCalls(page)).filter(({ name }) => name === 'exposure.plan').length).toBe(2);
});

test('gives each fault its link, its command or its button', async ({ page }) => {
  await openPage(page, exposure.serve, planned(exposure.everyFix));
  await choose(page, 'Funnel: the internet');
  const checks = page.locator('.checks');
  await expect(checks.getByRole('link', { name: 'Sign in' })).toHaveAttribute(
    'href',
    'https://login.tailscale.com/a/0123456789ab',
  );
  await expect(checks.getByRole('link', { name: 'Get the update' })).toHaveAttribute(
    'href',
    /tailscale\.com\/download/,
  );
  await expect(checks).toContainText('sudo tailscale set --operator=$USER');
  await checks.getByRole('button', { name: 'Use port 10000' }).first().click();
  await expect(page.getByRole('radio', { name: '10000' })).toBeChecked();
  await expect
    .poll(async () => (await madeCalls(page)).at(-1))
    .toEqual({ name: 'exposure.plan', input: { mode: 'funnel', port: 10_000 } });
});

test('says where it failed and that everything is as it was', async ({ page }) => {
  const error = { code: 'tailscale/put-back', params: { mode: 'serve', cause: 'The route gave no answer.' } } as const;
  await openPage(page, exposure.serve, { ...planned(funnelPlan), 'exposure.apply': { ok: false, error } });
  await choose(page, 'Funnel: the internet');
  await page.getByRole('button', { name: 'Open to the internet' }).click();
  await expect(page.getByText('Everything is as it was before')).toBeVisible();
  await expect(page.getByText('Serve was put back')).toBeVisible();
});

test('counts a Funnel down, lengthens it, and closes it by button and by key', async ({ page }) => {
  const faults = watchFaults(page);
  await openPage(page, exposure.funnel);
  await expect(page.getByRole('region', { name: 'Who can reach this gateway' })).toContainText(
    'Anyone on the internet can reach this gateway now, with the password. It closes at 14:59.',
  );
  await expect(page.getByRole('button', { name: 'Gateway: This computer' })).toContainText(/Public · 27.min/);
  await expect(page.getByRole('timer')).toContainText('27:14');
  await page.clock.setFixedTime(NOW + 60_000);
  await expect(page.getByRole('timer')).toContainText('26:14');
  await page.getByRole('button', { name: 'Add 15 min' }).click();
  await page.getByRole('button', { name: 'Close now' }).click();
  await page.keyboard.press('Control+.');
  expect(await applied(page)).toEqual([
    { name: 'exposure.extend' },
    { name: 'exposure.apply', input: { mode: 'serve' } },
    { name: 'exposure.apply', input: { mode: 'serve' } },
  ]);
  await faults.expectNone();
});

test('takes the last change back by one click', async ({ page }) => {
  await openPage(page, exposure.funnel);
  const undo = page.getByRole('button', { name: 'Undo' });
  await expect(undo).toHaveAccessibleDescription(/goes back to Serve, and gives the configuration the text/);
  await undo.click();
  await push(page, exposure.closedWithUndo);
  await expect(undo).toHaveAccessibleDescription('Undo goes back to Serve.');
  await undo.click();
  expect((await applied(page)).map(({ name }) => name)).toEqual(['exposure.undo', 'exposure.undo']);
});

test('says why it is not open, what is tried next, and what helps', async ({ page }) => {
  await openPage(page, exposure.serveLost);
  await expect(page.getByText('Next try in 12')).toBeVisible();
  await expect(page.getByText('tailscale up', { exact: true })).toBeVisible();
  await page.getByRole('button', { name: 'Try now' }).click();
  await page.getByRole('button', { name: 'Keep it closed' }).click();
  expect(await applied(page)).toEqual([{ name: 'exposure.retry' }, { name: 'exposure.apply', input: { mode: 'off' } }]);
});

test('is driven by the keyboard alone', async ({ page }) => {
  await openPage(page, exposure.closed, planned(exposure.planOf({ mode: 'serve', port: 443, untilMs: undefined })));
  await page.getByRole('radio', { name: 'Off' }).focus();
  await page.keyboard.press('ArrowRight');
  await expect(page.getByRole('heading', { name: 'Before Serve can start' })).toBeVisible();
  await expect(page.locator('.checks > li')).toHaveCount(9);
  for (let press = 0; press < 3; press += 1) await page.keyboard.press('Tab');
  await expect(page.getByRole('button', { name: 'Open to my tailnet' })).toBeFocused();
  await page.keyboard.press('Enter');
  expect(await applied(page)).toEqual([{ name: 'exposure.apply', input: { mode: 'serve', port: 443 } }]);
});

test('says how many devices the tailnet has, as far as that is known, and asks nobody while it is closed to them', async ({
  page,
}) => {
  await openPage(page, exposure.serve, { 'exposure.devices': { ok: true, value: exposure.devices } });
  const sentence = page.getByRole('region', { name: 'Who can reach this gateway' });
  await expect(sentence).toContainText('Your tailnet (up to 7 other devices) can reach this gateway now');
  await expect(sentence).toContainText('Of the 7 other devices 3 are online; the access rules of the tailnet may let');
  await push(page, { ...exposure.closed, revision: 7 });
  await expect(sentence).toContainText('Only this computer can reach this gateway.');
  await expect(sentence).not.toContainText('devices');
  await push(page, { ...exposure.funnel, revision: 8 });
  await expect(sentence).toContainText('Anyone on the internet can reach');
  expect((await madeCalls(page)).filter(({ name }) => name === 'exposure.devices')).toHaveLength(1);
});

test('says why a Funnel is closed that nobody has closed', async ({ page }) => {
  await openPage(page, exposure.closedByClock);
  await expect(page.getByText('The Funnel was closed. So much time has passed; the clock')).toBeVisible();
});

test('says that HTTP over the tailnet is plain, and what to do', async ({ page }) => {
  await openPage(page, exposure.boundToTailnet);
  await expect(page.getByText('HTTP over the tailnet is plain to both ends')).toBeVisible();
  await page.getByRole('button', { name: 'Listen here only' }).click();
  expect(await applied(page)).toEqual([{ name: 'exposure.listen-here' }]);
});

test('is seen from every page, whichever gateway is in use', async ({ page }) => {
  await openApp(page, { url: renderer.url(), snapshot: exposure.funnelBeside });
  await expect(page.getByRole('link', { name: /Exposure.*open to the internet/ })).toBeVisible();
  await page.getByRole('link', { name: /Exposure.*open to the internet/ }).click();
  await expect(page.getByRole('timer')).toBeVisible();
});

test('offers to start the gateway where none runs here', async ({ page }) => {
  await openPage(page, off);
  await page.getByRole('button', { name: 'Start it' }).click();
  expect(await madeCalls(page)).toEqual([{ name: 'gateway.use', input: { id: 'local' } }]);
});

test('leads there from the overview', async ({ page }) => {
  await openApp(page, { url: renderer.url(), snapshot: onThisComputer });
  await page
    .getByRole('region', { name: 'Who can reach this gateway' })
    .getByRole('link', { name: 'Exposure' })
    .click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Exposure');
});
