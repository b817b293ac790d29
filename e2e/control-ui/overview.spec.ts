import { expect, test } from '@playwright/test';

import { openApp, PLACE, push, useRenderer, watchFaults, madeCalls } from './control-ui.ts';
import {
  connecting,
  empty,
  lockedOut,
  NOW,
  off,
  onThisComputer,
  snapshot,
  studio,
  waiting,
  withProblems,
} from './fixtures.ts';

test.use(PLACE);
const renderer = useRenderer();

test('says how the gateway is reached, since when, and how fresh that is', async ({ page }) => {
  const faults = watchFaults(page);
  await openApp(page, { url: renderer.url(), snapshot: snapshot() });
  const main = page.getByRole('main');
  await expect(main.getByRole('heading', { level: 1 })).toHaveText('Overview');
  await expect(main.locator('.lead')).toHaveText('Connected over SSH to studio since 14:03, checked 4 s ago');
  await expect(page).toHaveTitle('Studio · Gangway');
  await faults.expectNone();
});

test('shows the line hop by hop, with shares that add up to the round trip', async ({ page }) => {
  await openApp(page, { url: renderer.url(), snapshot: snapshot() });
  const hops = page.getByRole('list', { name: 'Path to the gateway' }).getByRole('listitem');
  await expect(hops).toHaveText([
    /This computer, here, Port 18789for local programs/,
    /SSH, connected, 18msstudio:22, agent key/,
    /Forward, connected, \+1msto 127.0.0.1:18789/,
    /Gateway, connected, \+4ms2026.9.6, protocol 4/,
    /Exposure, not reached, Set there/,
  ]);
  await expect(page.getByText('Round trip 23 ms')).toBeVisible();
  await expect(page.locator('[data-fault]')).toHaveCount(0);
});

test('sums the round trips up in words and figures', async ({ page }) => {
  await openApp(page, { url: renderer.url(), snapshot: snapshot() });
  const plot = page.getByRole('img', { name: /^Round trips of the last 15 minutes: median 2\d ms, .* 0 of 90 lost$/ });
  await expect(plot).toBeVisible();
  await expect(page.getByText('0 of 90', { exact: true })).toBeVisible();
});

test('says who can reach it, who is connected, and what happened', async ({ page }) => {
  await openApp(page, { url: renderer.url(), snapshot: snapshot() });
  await expect(page.getByRole('region', { name: 'Who can reach this gateway' })).toContainText('over SSH');
  const now = page.getByRole('region', { name: 'Connected now' });
  await expect(now.getByRole('listitem')).toHaveCount(4);
  await expect(now).toContainText('since 14:30');
  await expect(now).toContainText('Gateway version2026.9.6');
  await expect(now).toContainText(/Up for6.days/);
  const events = page.getByRole('region', { name: 'Recent events' });
  await expect(events.getByRole('listitem').first()).toContainText('Studio: back');
  await expect(events.getByRole('listitem').last()).toContainText(/21.Nov/);
});

test('shows a gateway on this computer with figures below a millisecond', async ({ page }) => {
  await openApp(page, { url: renderer.url(), snapshot: onThisComputer });
  await expect(page.locator('.lead')).toHaveText('Connected on this computer since 08:58, checked 4 s ago');
  await expect(page.getByText('Round trip 0.4 ms')).toBeVisible();
  await expect(page.getByText('Only this computer can reach this gateway.')).toBeVisible();
});

test('counts down to the next try, and tries at once when asked', async ({ page }) => {
  await openApp(page, { url: renderer.url(), snapshot: waiting });
  await expect(page.locator('.lead')).toHaveText(/Waiting for Studio for 42.s, 5 attempts/);
  await expect(page.getByRole('timer')).toHaveAccessibleName('Next try in 12 s');
  await expect(page.getByRole('heading', { name: 'studio does not answer' })).toBeVisible();
  await expect(page.locator('[data-fault]')).toHaveText(/SSH, waiting, No answer/);
  await expect(page.getByText(/Last good round trip \d+.ms at 14:31:\d\d/)).toBeVisible();
  await page.clock.setFixedTime(NOW + 4_000);
  await expect(page.getByRole('timer')).toHaveAccessibleName('Next try in 8 s');
  await page.getByRole('button', { name: 'Try now' }).click();
  expect(await madeCalls(page)).toEqual([{ name: 'gateway.retry', input: { id: studio.id } }]);
});

test('waits a lockout out without a button that would add to it', async ({ page }) => {
  await openApp(page, { url: renderer.url(), snapshot: lockedOut });
  await expect(page.getByRole('timer')).toHaveAccessibleName('Next try in 4 min 10 s');
  await expect(page.getByRole('button', { name: 'Try now' })).toHaveCount(0);
});

test('says that it is connecting', async ({ page }) => {
  await openApp(page, { url: renderer.url(), snapshot: connecting });
  await expect(page.locator('.lead')).toHaveText(/Connecting over SSH to studio for 2.s/);
});

test('is calm when it is off, and offers what can be connected', async ({ page }) => {
  await openApp(page, { url: renderer.url(), snapshot: off });
  await expect(page.getByRole('heading', { name: 'Gangway is off' })).toBeVisible();
  await page.getByRole('button', { name: 'Connect Studio' }).click();
  expect(await madeCalls(page)).toEqual([{ name: 'gateway.use', input: { id: studio.id } }]);
});

test('leads from a fresh start to adding a gateway', async ({ page }) => {
  await openApp(page, { url: renderer.url(), snapshot: empty });
  await expect(page.getByRole('button', { name: 'Connect This computer' })).toBeVisible();
  await page.getByRole('link', { name: 'Add it' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Gateways');
});

test('shows what is wrong with the app itself', async ({ page }) => {
  await openApp(page, { url: renderer.url(), snapshot: withProblems });
  const problems = page.getByRole('region', { name: 'Problems' });
  await expect(problems).toContainText('The setting “local.port” is not valid');
  await expect(problems).toContainText('gateway.json5, line 3');
});

test('switches off, and says so when it could not', async ({ page }) => {
  const refused = { ok: false, error: { code: 'app/unexpected', params: { summary: 'Error' } } } as const;
  await openApp(page, { url: renderer.url(), snapshot: snapshot(), answers: { 'gateway.off': refused } });
  await page.getByRole('button', { name: 'Switch off' }).click();
  await expect(page.getByRole('alert')).not.toBeEmpty();
  await page.getByRole('button', { name: 'Dismiss' }).click();
  await expect(page.getByRole('alert')).toHaveCount(0);
});

test('copies the address, and says so', async ({ page, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await openApp(page, { url: renderer.url(), snapshot: snapshot() });
  await page.getByRole('button', { name: 'Copy URL' }).click();
  await expect(page.getByRole('button', { name: 'Copied' })).toBeVisible();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe('ws://127.0.0.1:18789');
});

test('copies also where the clipboard may not be asked for', async ({ page }) => {
  await page.addInitScript(() => {
    navigator.clipboard.writeText = () => Promise.reject(new DOMException('denied', 'NotAllowedError'));
    document.addEventListener('copy', (event) => {
      document.documentElement.dataset['copied'] = event.clipboardData?.getData('text/plain') ?? '';
    });
  });
  await openApp(page, { url: renderer.url(), snapshot: snapshot() });
  await page.getByRole('button', { name: 'Copy URL' }).click();
  await expect(page.getByRole('button', { name: 'Copied' })).toBeVisible();
});

test('follows every change, and no older one', async ({ page }) => {
  await openApp(page, { url: renderer.url(), snapshot: snapshot({ revision: 5 }) });
  await expect(page.locator('.lead')).toContainText('Connected');
  await push(page, { ...waiting, revision: 6 });
  await expect(page.locator('.lead')).toContainText('Waiting for Studio');
  await push(page, { ...snapshot(), revision: 5 });
  await expect(page.locator('.lead')).toContainText('Waiting for Studio');
});

test('reads a change aloud once, without the countdown', async ({ page }) => {
  await openApp(page, { url: renderer.url(), snapshot: snapshot() });
  const said = page.getByRole('status', { name: 'Changes of state' });
  await expect(said).toBeEmpty();
  await push(page, { ...waiting, revision: 2 });
  await expect(said).toHaveText('Studio is waiting. studio does not answer.');
});

test('says that it waits for the app, and what went wrong when that fails', async ({ page }) => {
  await openApp(page, { url: renderer.url() });
  await expect(page.getByRole('status')).toHaveText('Asking Gangway how things are');
});

test('offers to try again when the app gives no answer', async ({ page }) => {
  const refused = { ok: false, error: { code: 'app/not-running', params: {} } } as const;
  await openApp(page, { url: renderer.url(), answers: { 'snapshot.get': refused } });
  await expect(page.getByRole('alert')).toContainText('Gangway is not running');
  await expect(page.getByRole('button', { name: 'Try now' })).toBeVisible();
});

test('ends a fault of the window in a sentence', async ({ page }) => {
  // A snapshot no supervisor makes: the page meets something it cannot draw.
  const broken = { ...snapshot(), gateways: [{ ...studio, state: undefined }] } as unknown as ReturnType<
    typeof snapshot
  >;
  await openApp(page, { url: renderer.url(), snapshot: broken });
  await expect(page.getByRole('alert')).toContainText('This window broke');
  await expect(page.getByRole('button', { name: 'Reload' })).toBeVisible();
});
