import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect } from '@playwright/test';

import { runCli, startCli } from '../support/cli.ts';
import { prepareLaptop } from '../support/desk.ts';
import { test } from '../support/fixtures.ts';

test('a gateway here that asks for nothing is reached without a token', async ({ home }) => {
  await prepareLaptop(home);
  await writeFile(join(home, 'gateway.json5'), `{ gateway: { auth: { mode: 'none' } } }`);
  await using app = startCli(['app', '--headless'], { home });
  await app.waitForLine(/It asks for no token\./);
  const run = (...words: string[]) => runCli(words, { home });
  expect((await run('status')).stdout).toContain('This computer: connected');
  expect(await run('health')).toMatchObject({ exitCode: 0 });
  expect(await run('test', 'local')).toMatchObject({ exitCode: 0 });
  const env = await run('env');
  expect(env.stdout).toContain('OPENCLAW_GATEWAY_URL');
  expect(env.stdout).not.toContain('TOKEN');
  const answer = JSON.parse((await run('gateway', 'token', '--json')).stdout) as object;
  expect(answer).toMatchObject({ mode: 'none' });
  expect(answer).not.toHaveProperty('token');
  expect((await run('gateway', 'devices')).stdout).toBe('No device waits, and none is paired.\n');
});
