import { expect, it } from 'vitest';

import { createNodeFiles } from './node-files.ts';
import { createNodeProgramRunner } from './node-program-runner.ts';
import { createNodeUptime, type UptimeSources } from './node-uptime.ts';

const real: UptimeSources = {
  files: createNodeFiles(),
  runner: createNodeProgramRunner(),
  platform: process.platform,
};

it('goes on, and never back', () => {
  const uptime = createNodeUptime(real);
  const first = uptime.upMs();
  const later = [uptime.upMs(), uptime.upMs(), uptime.upMs()];
  expect(first).toBeGreaterThan(0);
  expect(later).toEqual(later.toSorted((a, b) => a - b));
  expect(later[0]).toBeGreaterThanOrEqual(first);
});

it('names the run of this computer, the same for every process', async () => {
  const ids = await Promise.all([createNodeUptime(real).bootId(), createNodeUptime(real).bootId()]);
  expect(ids[0]).toBe(ids[1]);
  // Windows names none.
  expect(ids[0] ?? '0-0').toMatch(/^[0-9A-Fa-f-]+$/);
});

it('asks macOS, and names none where the system does not say', async () => {
  const runner = { run: async () => ({ exitCode: 0, stdout: 'A1B2\n', stderr: '' }) };
  const none = { run: async () => ({ exitCode: 1, stdout: '', stderr: 'unknown oid' }) };
  expect(await createNodeUptime({ ...real, runner, platform: 'darwin' }).bootId()).toBe('A1B2');
  expect(await createNodeUptime({ ...real, runner: none, platform: 'darwin' }).bootId()).toBeUndefined();
  expect(await createNodeUptime({ ...real, platform: 'win32' }).bootId()).toBeUndefined();
});
