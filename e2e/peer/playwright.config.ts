import { defineConfig } from '@playwright/test';

/** The real OpenClaw takes seconds per program and hundreds of megabytes per gateway: one test at a time. */
export default defineConfig({
  testDir: '.',
  testIgnore: '**/node_modules/**',
  workers: 1,
  retries: 0,
  timeout: 180_000,
  forbidOnly: process.env['CI'] !== undefined,
  reporter: [['list']],
  outputDir: '../../test-results/peer',
});
