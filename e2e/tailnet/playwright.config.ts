import { defineConfig } from '@playwright/test';

const isReal = process.env['GANGWAY_TEST_TAILSCALE'] !== undefined;
// Every worker reads this file; one of them saying it is enough.
if (isReal && process.env['TEST_WORKER_INDEX'] === undefined) {
  console.log('faults.spec.ts is left out: real Tailscale does not fail on demand.');
}

/** One tailnet for all: three daemons and a control server are enough for a small machine. */
export default defineConfig({
  testDir: '.',
  testIgnore: isReal ? ['faults.spec.ts', 'invariants.spec.ts'] : [],
  workers: 1,
  retries: 0,
  timeout: 90_000,
  forbidOnly: process.env['CI'] !== undefined,
  reporter: [['list']],
  outputDir: '../../test-results/tailnet',
});
