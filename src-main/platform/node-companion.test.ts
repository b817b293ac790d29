import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, it, vi } from 'vitest';

import { createCompanionStarter } from './node-companion.ts';
import type { Companion } from './ports.ts';

const LIMIT = { timeout: 8_000, interval: 10 };
const { platform } = process;
const starter = createCompanionStarter({
  env: { ...process.env, OPENCLAW_GATEWAY_TOKEN: 'secret-of-a-gateway' },
  platform,
});

const run = (script: string, ...args: readonly string[]): Promise<Companion> =>
  starter.start(process.execPath, async () => ['-e', script, ...args]);

const firstLine = (companion: Companion): Promise<string> => new Promise((resolve) => companion.onErrorLine(resolve));

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  // A zombie has ended, and only waits for somebody to ask how.
  return platform !== 'linux' || !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
}

it('runs a program in an empty folder of its own that others may not enter, and removes it afterwards', async () => {
  const companion = await run('process.stderr.write(process.cwd()); process.exitCode = 7');
  const cwd = firstLine(companion);
  const mode = statSync(companion.folder).mode & 0o777;
  expect(await companion.ended).toEqual({ exitCode: 7, error: undefined });
  expect(await cwd).toContain(companion.folder);
  expect(mode).toBe(0o700);
  expect(existsSync(companion.folder)).toBe(false);
});

it('keeps the secrets of gateways from it', async () => {
  const companion = await run('process.stderr.write(String(process.env.OPENCLAW_GATEWAY_TOKEN))');
  const shown = firstLine(companion);
  await companion.ended;
  expect(await shown).toBe('undefined');
});

it('tells why a program could not start', async () => {
  const companion = await starter.start('/nonexistent/program', async () => []);
  expect((await companion.ended).error).toMatchObject({ code: 'ENOENT' });
  expect(existsSync(companion.folder)).toBe(false);
});

it('ends a program that ignores SIGTERM, and with it the helpers it has started', async () => {
  const companion = await run(
    'process.on("SIGTERM", () => {});' +
      'const child = require("child_process").spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { stdio: "ignore" });' +
      'process.stderr.write(child.pid + "\\n"); setInterval(() => {}, 1000)',
  );
  const helper = Number(await firstLine(companion));
  companion.end();
  await companion.ended;
  await vi.waitFor(() => expect(isRunning(helper)).toBe(false), LIMIT);
});

it(
  'ends the program when its guard is gone: nothing would end it if we were killed',
  { skip: platform === 'win32' },
  async () => {
    const companion = await run('process.stderr.write("up\\n"); setInterval(() => {}, 1000)');
    await firstLine(companion);
    process.kill(guardOf(companion));
    expect((await companion.ended).error?.message).toMatch(/guard/);
  },
);

it('dies with us when we are killed with SIGKILL, and its folder with it', { skip: platform === 'win32' }, async () => {
  const { parent, pid, folder } = await startParent();
  writeFileSync(join(folder, 'left behind'), '');
  parent.kill('SIGKILL');
  await vi.waitFor(() => expect(isRunning(pid)).toBe(false), LIMIT);
  await vi.waitFor(() => expect(existsSync(folder)).toBe(false), LIMIT);
});

const whyNoDeathSignal = existsSync('/usr/bin/setpriv') ? undefined : 'there is no setpriv of util-linux here';
if (whyNoDeathSignal !== undefined) console.warn(`the death of a guard with us is not tested: ${whyNoDeathSignal}`);

it(
  'dies with us even when its guard is killed in the same moment',
  { skip: whyNoDeathSignal !== undefined },
  async () => {
    const { parent, pid, folder } = await startParent();
    const guard = guardOf({ pid }, parent.pid);
    process.kill(guard, 'SIGKILL');
    parent.kill('SIGKILL');
    await vi.waitFor(() => expect(isRunning(pid)).toBe(false), LIMIT);
    rmSync(folder, { recursive: true, force: true });
  },
);

/** A process of its own that has a companion. */
async function startParent(): Promise<{
  readonly parent: ChildProcess;
  readonly pid: number;
  readonly folder: string;
}> {
  const script = `
    import { createCompanionStarter } from ${JSON.stringify(join(import.meta.dirname, 'node-companion.ts'))};
    const starter = createCompanionStarter({ env: process.env, platform: process.platform });
    const companion = await starter.start('/bin/sleep', async () => ['600']);
    process.stdout.write(JSON.stringify({ pid: companion.pid, folder: companion.folder }) + '\\n');
    setInterval(() => {}, 1000);
  `;
  const parent = spawn(process.execPath, ['--input-type=module-typescript', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const said = await new Promise<string>((resolve) =>
    parent.stdout.once('data', (chunk: Buffer) => resolve(String(chunk))),
  );
  const { pid, folder } = JSON.parse(said) as { pid: number; folder: string };
  expect(isRunning(pid)).toBe(true);
  return { parent, pid, folder };
}

function guardOf({ pid }: Pick<Companion, 'pid'>, parent = process.pid): number {
  const children = readFileSync(`/proc/${parent}/task/${parent}/children`, 'utf8').trim().split(' ').map(Number);
  const guard = children.find((child) => {
    const words = readFileSync(`/proc/${child}/cmdline`, 'utf8').split('\0');
    return words.includes('gangway-guard') && words.includes(String(pid));
  });
  if (guard === undefined) throw new Error('there is no guard');
  return guard;
}
