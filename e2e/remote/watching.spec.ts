import { readdir } from 'node:fs/promises';

import { expect } from '@playwright/test';

import { runCli, startCli } from '../support/cli.ts';
import { prepareLaptop } from '../support/desk.ts';
import { test } from '../support/fixtures.ts';

test('events and logs tell what happened, and go on telling', async ({ home }) => {
  const port = await prepareLaptop(home);
  await using app = startCli(['app', '--headless'], { home });
  await app.waitForLine(/connected/);

  await using events = startCli(['events', '--follow', '--json'], { home });
  await events.waitForJson(({ text }) => text === 'Gateway started');
  await using logs = startCli(['logs', '--source', 'gateway', '--follow'], { home });
  await logs.waitForLine(/gateway listens/);

  await runCli(['off'], { home });
  await events.waitForJson(({ text }) => text === 'This computer switched off');
  await logs.waitForLine(/gateway stopped/);
  expect(await events.stop('SIGINT')).toBe(0);
  expect(await logs.stop('SIGINT')).toBe(0);

  const { stdout } = await runCli(['events'], { home });
  expect(stdout).toMatch(/Gateway started\. It listens on 127\.0\.0\.1:\d+\n.*switched off\n$/);
  expect(stdout).toContain(String(port));
  const one = await runCli(['logs', '--lines', '1', '--json'], { home });
  expect(JSON.parse(one.stdout)).toMatchObject({ level: 'info' });
});

test('a question leaves nothing behind in a home that was empty', async ({ home }) => {
  await runCli(['status'], { home });
  const made = (await readdir(home)).filter((name) => name !== 'user');
  expect(made).toEqual([]);
});
