import { expect } from '@playwright/test';

import { test } from '../support/fixtures.ts';
import { killRounds } from '../support/kill-rounds.ts';

const ROUNDS = 10;

test('what was acknowledged survives kill -9 under load, ten times', async ({ home }) => {
  // Eleven starts of a program: a busy machine takes its time.
  test.slow();
  const report = await killRounds(home, ROUNDS, () => undefined);
  expect(report.lost).toEqual([]);
  expect(report.rounds).toBe(ROUNDS);
  // Otherwise nothing would have been at stake.
  expect(report.accepted).toBeGreaterThan(ROUNDS);
  expect(report.answered).toBeGreaterThan(ROUNDS);
  expect(report.kept).toBeGreaterThan(ROUNDS);
});
