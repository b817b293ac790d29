import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { expect, test, type Page } from '@playwright/test';

import { expectNoSidewaysScroll, PLACE, useRenderer, watchFaults, watchPolicy } from './control-ui.ts';
import { FakeGateway } from './fake-gateway.ts';

test.use(PLACE);
const renderer = useRenderer();
let gateway: FakeGateway;
const FOLDER = fileURLToPath(new URL('../../test-results/screens/control-ui', import.meta.url));

test.beforeEach(() => {
  mkdirSync(FOLDER, { recursive: true });
  gateway = new FakeGateway(renderer.server().http);
});
test.afterEach(() => gateway.close());

async function signIn(page: Page, token: string): Promise<void> {
  await page.getByLabel('Token or password').fill(token);
  await page.keyboard.press('Enter');
}

test('signs in, measures, and shows the gateway that served the page', async ({ page }) => {
  const faults = watchFaults(page);
  await watchPolicy(page);
  await page.goto(renderer.url());
  await expect(page.getByLabel('Token or password')).toBeFocused();
  await page.screenshot({ path: `${FOLDER}/sign-in-light.png` });
  await signIn(page, gateway.token);
  await expect(page.locator('.lead')).toContainText(/Connected at 127.0.0.1:\d+ since/);
  await expect(page.getByRole('list', { name: 'Path to the gateway' }).getByRole('listitem')).toHaveCount(3);
  await expect(page.getByRole('region', { name: 'Connected now' })).toContainText('studio');
  await expect(page.getByText('2 h 5 min')).toBeVisible();
  expect(gateway.connects[0]).toMatchObject({
    client: { id: 'openclaw-control-ui', mode: 'webchat' },
    role: 'operator',
    scopes: ['operator.read'],
    minProtocol: 4,
    maxProtocol: 4,
  });
  expect(page.url()).not.toContain(gateway.token);
  await expect(page.locator('body')).not.toContainText(gateway.token);
  await page.setViewportSize({ width: 320, height: 800 });
  await expectNoSidewaysScroll(page);
  await page.setViewportSize({ width: 1120, height: 840 });
  await page.screenshot({ path: `${FOLDER}/browser-overview-light.png` });
  await faults.expectNone();
});

test('hides what needs the app', async ({ page }) => {
  await page.goto(renderer.url());
  await signIn(page, gateway.token);
  await expect(page.getByRole('navigation').getByRole('link')).toHaveText(['Overview']);
  await expect(page.getByRole('button', { name: 'Switch off' })).toHaveCount(0);
  await expect(page.getByRole('button', { name: /Gateway:/ })).toHaveCount(0);
  await page.goto(`${renderer.url()}/#/gateways`);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Overview');
});

test('says clearly that a token is wrong, and does not try it again', async ({ page }) => {
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.goto(renderer.url());
  await signIn(page, 'wrong');
  await expect(page.getByRole('alert')).toContainText('refused the token');
  await page.screenshot({ path: `${FOLDER}/sign-in-refused-dark.png` });
  await page.waitForFunction(() => performance.now() > 2_500);
  expect(gateway.connects).toHaveLength(1);
  expect(await page.evaluate(() => Object.values(sessionStorage))).toEqual([]);
  await signIn(page, gateway.token);
  await expect(page.locator('.lead')).toContainText('Connected');
});

test('keeps the token in the tab only, and forgets it on sign-out', async ({ page }) => {
  await page.goto(renderer.url());
  await signIn(page, gateway.token);
  await expect(page.locator('.lead')).toContainText('Connected');
  await page.reload();
  await expect(page.locator('.lead')).toContainText('Connected');
  expect(await page.evaluate(() => Object.values(localStorage))).toEqual([]);
  await page.getByRole('button', { name: 'Sign out' }).click();
  await expect(page.getByLabel('Token or password')).toBeVisible();
  expect(await page.evaluate(() => Object.values(sessionStorage))).toEqual([]);
});

test('counts a lockout down before it takes another token', async ({ page }) => {
  gateway.refusal = { code: 'AUTH_RATE_LIMITED', retryAfterMs: 3_000 };
  await page.goto(renderer.url());
  await signIn(page, gateway.token);
  await expect(page.getByRole('button', { name: 'Sign in' })).toBeDisabled();
  await expect(page.getByText(/possible again in [123].s/)).toBeVisible();
  gateway.refusal = undefined;
  await expect(page.getByRole('button', { name: 'Sign in' })).toBeEnabled();
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.locator('.lead')).toContainText('Connected');
});

test('comes back by itself when the gateway restarts', async ({ page }) => {
  await page.goto(renderer.url());
  await signIn(page, gateway.token);
  await expect(page.locator('.lead')).toContainText('Connected');
  gateway.drop();
  await expect.poll(() => gateway.connects.length).toBe(2);
  await expect(page.locator('.lead')).toContainText('Connected');
  await expect(page.getByRole('region', { name: 'Recent events' })).toContainText('Line lost');
});

test('asks again when the token was changed meanwhile', async ({ page }) => {
  await page.goto(renderer.url());
  await signIn(page, gateway.token);
  await expect(page.locator('.lead')).toContainText('Connected');
  gateway.refusal = { code: 'AUTH_TOKEN_MISMATCH' };
  gateway.drop();
  await expect(page.getByRole('alert')).toContainText('refused the token');
  await expect(page.getByLabel('Token or password')).toBeVisible();
});

test('follows who is connected', async ({ page }) => {
  await page.goto(renderer.url());
  await signIn(page, gateway.token);
  await expect(page.locator('.lead')).toContainText('Connected');
  gateway.tell('presence', { presence: [{ host: 'ipad', mode: 'webchat' }] });
  await expect(page.getByRole('region', { name: 'Connected now' })).toContainText('ipad');
});
