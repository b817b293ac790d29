import { existsSync, globSync } from 'node:fs';
import { join } from 'node:path';
import { defineConfig } from '@playwright/test';

import { chromiumMissing, findChromium, QUIET_FLAGS } from './electron-double/chromium-program.ts';

const PROJECTS = ['control-ui', 'gateway', 'remote', 'desktop'];
const chromium = findChromium('GANGWAY_CHROMIUM');

// Every worker reads this file; one of them saying it is enough.
if (chromium === undefined && process.env['TEST_WORKER_INDEX'] === undefined) {
  console.warn(chromiumMissing('GANGWAY_CHROMIUM'));
}

export default defineConfig({
  workers: 2,
  retries: 0,
  timeout: 60_000,
  forbidOnly: process.env['CI'] !== undefined,
  reporter: [['list']],
  outputDir: '../test-results/e2e',
  use: {
    launchOptions: {
      ...(chromium === undefined ? {} : { executablePath: chromium }),
      args: [...QUIET_FLAGS],
    },
  },
  projects: [
    { name: 'support', testDir: './support' },
    { name: 'double', testDir: './electron-double', fullyParallel: true },
    // On the fake; the window in a tailnet, and the real programs, belong to `npm run test:tailnet`.
    { name: 'tailnet', testDir: './tailnet', testIgnore: 'window.spec.ts' },
    ...PROJECTS.filter(holdsSpecs).map((name) => ({ name, testDir: `./${name}` })),
  ],
});

function holdsSpecs(name: string): boolean {
  const folder = join(import.meta.dirname, name);
  return existsSync(folder) && globSync('**/*.spec.ts', { cwd: folder }).length > 0;
}
