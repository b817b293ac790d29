import { expect, test, type Page } from '@playwright/test';

import { expectNoSidewaysScroll, madeCalls, openApp, PLACE, push, useRenderer, watchFaults } from './control-ui.ts';
import { asking, CODES, connecting, failedWith, PASSPHRASE, PASSWORD, studio, waiting } from './fixtures.ts';

test.use(PLACE);
const renderer = useRenderer();
const { id } = studio;

const later = <T extends { readonly revision: number }>(snapshot: T, revision: number): T => ({
  ...snapshot,
  revision,
});
const wrong = { ...PASSPHRASE, id: 'q-2', attempt: 2, wrong: true };
const answerTo = (questionId: string, ...answers: readonly string[]) => ({
  name: 'gateway.answer',
  input: { id, questionId, answers, remember: false },
});

async function expectNoSecret(page: Page, secret: string): Promise<void> {
  expect(page.url()).not.toContain(secret);
  await expect(page.locator('body')).not.toContainText(secret);
}

test('a passphrase is asked for as soon as the line needs it, typed unseen and given with Enter', async ({ page }) => {
  const faults = watchFaults(page);
  await openApp(page, { url: renderer.url(), snapshot: connecting });
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await push(page, later(asking(PASSPHRASE), 2));
  const dialog = page.getByRole('dialog', { name: 'Passphrase for id_ed25519' });
  await expect(dialog).toContainText('Needed to sign in to studio.');
  await expect(dialog).toContainText('/User/ada/.ssh/id_ed25519, SHA256:NuIo');
  const field = dialog.getByLabel('Passphrase', { exact: true });
  await expect(field).toBeFocused();
  await expect(field).toHaveAttribute('type', 'password');
  await expect(dialog.getByLabel('Remember it')).not.toBeChecked();

  await page.keyboard.press('Enter');
  await expect(dialog.getByText('A passphrase is needed.')).toBeVisible();
  await field.fill('correct horse');
  await page.keyboard.press('Enter');
  await expect.poll(() => madeCalls(page)).toEqual([answerTo('q-1', 'correct horse')]);
  await push(page, later(connecting, 3));
  await expect(dialog).toHaveCount(0);
  await expectNoSecret(page, 'correct horse');
  await faults.expectNone();
});

test('a wrong one is said in the dialog, whose field is empty again and has the focus', async ({ page }) => {
  await openApp(page, { url: renderer.url(), snapshot: asking(PASSPHRASE) });
  const field = page.getByLabel('Passphrase', { exact: true });
  await field.fill('nonsense');
  await page.getByRole('button', { name: 'Unlock' }).click();
  await expect(page.getByRole('button', { name: 'Unlocking' })).toBeVisible();
  await push(page, later(asking(wrong), 2));
  await expect(page.getByRole('alert').filter({ hasText: 'That is not its passphrase.' })).toBeVisible();
  await expect(field).toHaveValue('');
  await expect(field).toBeFocused();
  await expect(field).toHaveAttribute('aria-invalid', 'true');
  await field.fill('right');
  await page.keyboard.press('Enter');
  await expect.poll(() => madeCalls(page)).toEqual([answerTo('q-1', 'nonsense'), answerTo('q-2', 'right')]);
});

test('a password is kept only when that is ticked, and its dialog stays until the server has spoken', async ({
  page,
}) => {
  await openApp(page, { url: renderer.url(), snapshot: asking(PASSWORD) });
  const dialog = page.getByRole('dialog', { name: 'Password of ada on studio' });
  await dialog.getByLabel('Password', { exact: true }).fill('sesame');
  await dialog.getByLabel('Remember it').check();
  await page.keyboard.press('Enter');
  await push(page, later(connecting, 2));
  await expect(dialog.getByRole('button', { name: 'Signing in' })).toBeVisible();
  await push(page, later(asking({ ...PASSWORD, id: 'q-2', attempt: 2, wrong: true }), 3));
  await expect(dialog).toContainText('It was refused.');
  await dialog.getByLabel('Password', { exact: true }).fill('sesame!');
  await page.keyboard.press('Enter');
  await push(page, later(connecting, 4));
  await push(page, later(waiting, 5));
  await expect(dialog).toHaveCount(0);
  // The line is lost and comes back later: that is no answer being tried.
  await push(page, later(connecting, 6));
  await expect(page.getByRole('heading', { name: 'Overview' })).toBeVisible();
  await expect(dialog).toHaveCount(0);
  expect((await madeCalls(page))[0]).toMatchObject({ input: { remember: true } });
});

test('several answers are asked for in the words of the server, and cannot be kept', async ({ page }) => {
  await openApp(page, { url: renderer.url(), snapshot: asking(CODES) });
  const dialog = page.getByRole('dialog', { name: 'Sign in to studio' });
  await expect(dialog.getByRole('blockquote')).toContainText('Use the card you got from the front desk.');
  await expect(dialog).toContainText('It waits for the answer until 14:33:57.');
  await expect(dialog.getByLabel('Card number')).toHaveAttribute('type', 'text');
  await expect(dialog.getByLabel('Verification code')).toHaveAttribute('type', 'password');
  await expect(dialog.getByRole('checkbox')).toHaveCount(0);
  await page.keyboard.type('4711');
  await page.keyboard.press('Tab');
  await page.keyboard.type('123456');
  await page.keyboard.press('Enter');
  await expect.poll(() => madeCalls(page)).toEqual([answerTo('q-1', '4711', '123456')]);
});

for (const [how, act] of [
  ['Escape', (page: Page) => page.keyboard.press('Escape')],
  ['Cancel', (page: Page) => page.getByRole('button', { name: 'Cancel' }).click()],
] as const) {
  test(`${how} leaves it unanswered, and the line can be tried again`, async ({ page }) => {
    await openApp(page, { url: renderer.url(), snapshot: asking(PASSPHRASE) });
    await expect(page.getByRole('dialog')).toBeVisible();
    await act(page);
    await expect.poll(() => madeCalls(page)).toEqual([{ name: 'gateway.decline', input: { id, questionId: 'q-1' } }]);
    const params = { host: 'studio', wanted: 'the passphrase of id_ed25519' };
    await push(page, later(failedWith({ code: 'ssh/answer-needed', params }), 2));
    await expect(page.getByRole('dialog')).toHaveCount(0);
    await expect(page.getByText('Signing in to studio needs the passphrase of id_ed25519').first()).toBeVisible();
    await page.getByRole('button', { name: 'Try now' }).click();
    expect((await madeCalls(page)).at(-1)).toEqual({ name: 'gateway.retry', input: { id } });
  });
}

test('an answer that came too late says so', async ({ page }) => {
  const late = {
    ok: false,
    error: {
      code: 'app/input-invalid',
      params: { call: 'gateway.answer', problem: 'That question is no longer open' },
    },
  } as const;
  await openApp(page, { url: renderer.url(), snapshot: asking(PASSPHRASE), answers: { 'gateway.answer': late } });
  await page.getByLabel('Passphrase', { exact: true }).fill('x');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('alert').filter({ hasText: 'That question is no longer open.' })).toBeVisible();
});

test('the page behind it says what is asked for, in words, and a narrow window holds the dialog', async ({ page }) => {
  await openApp(page, { url: renderer.url(), snapshot: asking(CODES) });
  await expect(page.getByText('Studio asks for 2 answers to sign in')).toHaveCount(1);
  await expect(page.locator('.hop[data-s="asks"]')).toContainText('Asks you');
  await page.setViewportSize({ width: 420, height: 640 });
  await expectNoSidewaysScroll(page);
});
