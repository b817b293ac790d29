import { defineConfig } from '@playwright/test';

/** One tailnet for all: three daemons and a control server are enough for a small machine. */
export default defineConfig({
  testDir: '.',
  workers: 1,
  retries: 0,
  timeout: 90_000,
  forbidOnly: process.env['CI'] !== undefined,
  reporter: [['list']],
  outputDir: '../../test-results/tailnet',
});
