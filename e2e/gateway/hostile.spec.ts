import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect } from '@playwright/test';

import { startCli } from '../support/cli.ts';
import { test } from '../support/fixtures.ts';
import { hostileRounds } from '../support/hostile-rounds.ts';

/** The long form is `npm run bench -- hostile`. */
const COUNT = 3_000;
const SEED = 20_260_906;

test('frames and requests of ill will neither stop the gateway nor find a fault in it', async ({ home }) => {
  await using gateway = startCli(['gateway', '--port', '0', '--json'], { home });
  const { port } = await gateway.waitForJson();
  const token = (await readFile(join(home, 'secrets', 'gateway.local.token'), 'utf8')).trim();
  const report = await hostileRounds({ port: Number(port), token, pid: gateway.pid }, { seed: SEED, count: COUNT });
  expect(report.faults).toEqual([]);
  for (const outcome of [
    'frame: ok',
    'frame: INVALID_REQUEST',
    'frame: FORBIDDEN',
    'first: 1008',
    'http: 400',
    'http: 401',
  ]) {
    expect(report.outcomes[outcome], outcome).toBeGreaterThan(0);
  }
  expect(await gateway.stop('SIGTERM')).toBe(0);
  expect(gateway.stderr).not.toContain('a method failed');
});
