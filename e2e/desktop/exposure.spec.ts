import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { Page } from '@playwright/test';
import { expect } from '@playwright/test';

import type { Bridge } from '../../src-main/contract/calls.ts';
import { launch } from '../launch.ts';
import { runCli } from '../support/cli.ts';
import { prepareLaptop } from '../support/desk.ts';
import { test } from '../support/fixtures.ts';
import { trayText } from '../support/tray.ts';
import { openWindow } from '../support/window.ts';

const PASSWORD = 'correct horse battery';

type Given = Parameters<Bridge['call']>[1];

/** As the dialog does it, which only a Funnel that lacks a password opens. */
const setPassword = (page: Page, input: Given): Promise<unknown> =>
  page.evaluate(
    (given) => (globalThis as unknown as { bridge: Bridge }).bridge.call('exposure.set-password', given as never),
    input,
  );

test('a password is set while the gateway runs, counts at once, and is taken back to the byte', async ({ home }) => {
  await prepareLaptop(home);
  const file = join(home, 'gateway.json5');
  const text = `// Mine, with a comma too many.\n{ gateway: { auth: { mode: "token", }, }, }\n`;
  await writeFile(file, text);
  const app = await launch({ home });
  await expect.poll(() => trayText(app)).toContain('This computer: connected');
  expect(await trayText(app)).toContain('Tailscale: Off');
  const page = await openWindow(app);
  await page.getByRole('link', { name: 'Exposure' }).first().click();
  await expect(page.getByText('Only this computer can reach this gateway.')).toBeVisible();

  await test.step('typed', async () => {
    expect(await setPassword(page, { how: 'typed', password: PASSWORD })).toEqual({ ok: true, value: undefined });
    await expect(page.getByText('It listens on loopback and asks for a password.')).toBeVisible();
    expect(await readFile(file, 'utf8')).toContain(PASSWORD);
    expect(await readFile(`${file}.bak`, 'utf8')).toBe(text);
    await expect.poll(async () => (await runCli(['health'], { home })).exitCode, { timeout: 20_000 }).toBe(0);
  });

  await test.step('undone', async () => {
    await page.getByRole('button', { name: 'Undo' }).click();
    await expect(page.getByText('It listens on loopback and asks for a token.')).toBeVisible();
    expect(await readFile(file, 'utf8')).toBe(text);
    await expect(page.getByRole('button', { name: 'Undo' })).toHaveCount(0);
    await expect.poll(() => trayText(app), { timeout: 20_000 }).toContain('This computer: connected');
  });

  await test.step('made, and given to the clipboard alone', async () => {
    const answer = await setPassword(page, { how: 'generated' });
    const password = await app.evaluate(({ clipboard }) => clipboard.readText());
    expect(password).toMatch(/^([a-z2-9]{5}-){4}[a-z2-9]{5}$/);
    expect(await readFile(file, 'utf8')).toContain(password);
    expect(JSON.stringify(answer) + (await page.content())).not.toContain(password);
    expect((await runCli(['status', '--json'], { home })).stdout).not.toContain(password);
  });

  await app.close();
  const logs = await Promise.all(['app', 'gateway'].map((name) => readFile(join(home, `logs/${name}.log`), 'utf8')));
  expect(logs.join('').includes(PASSWORD)).toBe(false);
});

test('a password that is none is refused before anything is written', async ({ home }) => {
  await prepareLaptop(home);
  const app = await launch({ home });
  await expect.poll(() => trayText(app)).toContain('This computer: connected');
  const page = await openWindow(app);
  const refused = await setPassword(page, { how: 'typed', password: 'too short' });
  expect(refused).toMatchObject({ ok: false, error: { code: 'app/input-invalid' } });
  expect(JSON.stringify(refused)).not.toContain('too short');
  await expect(readFile(join(home, 'gateway.json5'), 'utf8')).rejects.toMatchObject({ code: 'ENOENT' });
  await app.close();
});
