import { existsSync } from 'node:fs';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect } from '@playwright/test';

import { runCli, startCli } from '../support/cli.ts';
import { Desk } from '../support/desk.ts';
import { test } from '../support/fixtures.ts';
import { hasProc, listeningPorts, NO_PROC } from '../support/processes.ts';

test('a gateway listens on loopback alone, answers health, and stops cleanly', async ({ home }) => {
  await using gateway = startCli(['gateway', '--port', '0', '--json'], { home });
  const { url, port } = await gateway.waitForJson();
  expect(await (await fetch(`${String(url)}/health`)).json()).toEqual({ ok: true, status: 'live' });
  if (hasProc) {
    const addresses = (await listeningPorts(gateway.pid)).map((each) => `${each.address} ${each.port}`);
    expect(addresses.toSorted()).toEqual([`127.0.0.1 ${String(port)}`, `::1 ${String(port)}`]);
  } else console.warn(NO_PROC);
  expect(await gateway.stop('SIGTERM')).toBe(0);
  expect(gateway.stderr).toBe('');
});

test('a stop while it starts is a clean one too', async ({ home }) => {
  await using gateway = startCli(['gateway', '--port', '0', '--json'], { home });
  const hasState = () => existsSync(join(home, 'state', 'holder.json'));
  await expect.poll(hasState, { intervals: [1] }).toBe(true);
  expect(await gateway.stop('SIGTERM')).toBe(0);
});

test('a promise that fails unseen is told in the log and ends nothing', async ({ home }) => {
  test.skip(process.platform === 'win32', 'Windows has no signal that a program can be sent to do something.');
  const fault = 'process.on("SIGUSR2", () => void Promise.reject(new Error("nobody looked")))';
  const env = { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(fault)}` };
  await using gateway = startCli(['gateway', '--port', '0', '--json'], { home, env });
  const { url } = await gateway.waitForJson();
  gateway.kill('SIGUSR2');
  const log = () => readFile(join(home, 'logs', 'gateway.log'), 'utf8');
  await expect.poll(log).toContain('nobody looked');
  expect((await fetch(`${String(url)}/health`)).status).toBe(200);
  expect(await gateway.stop('SIGTERM')).toBe(0);
});

test('the token is made once, kept for this user alone, and opens the gateway', async ({ home }) => {
  let token = '';
  for (let start = 0; start < 2; start += 1) {
    await using gateway = startCli(['gateway', '--port', '0', '--json'], { home });
    const { url } = await gateway.waitForJson();
    const file = join(home, 'secrets', 'gateway.local.token');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const health = ['health', '--url', String(url), '--json'];
    const well = await runCli([...health, '--token-file', file], { home });
    expect(well, well.stderr).toMatchObject({ exitCode: 0 });
    const wrong = await runCli([...health, '--token-file', '-'], { home, input: 'wrong-token' });
    expect(wrong.exitCode).toBe(3);
    expect(wrong.stdout).toContain('gateway/token-mismatch');
    token ||= JSON.stringify(await stat(file));
    expect((JSON.parse(token) as { mtimeMs: number }).mtimeMs).toBe((await stat(file)).mtimeMs);
  }
});

test('health tells unreachable from refused', async ({ home }) => {
  await using desk = await Desk.start();
  const url = `ws://127.0.0.1:${desk.port}`;
  expect(await runCli(['health', '--url', url], { home })).toMatchObject({ exitCode: 3 });
  expect(await runCli(['health', '--url', 'ws://127.0.0.1:1', '--token-file', desk.tokenFile], { home })).toMatchObject(
    {
      exitCode: 2,
    },
  );
  const remote = await runCli(['health', '--url', 'ws://192.0.2.1:1', '--token-file', desk.tokenFile], { home });
  expect(remote.exitCode).toBe(64);
  expect(remote.stderr).toContain('would send your token in the clear');
});

test('a port that is taken is said with its holder, exit 1', async ({ home }) => {
  await using desk = await Desk.start();
  const { exitCode, stderr } = await runCli(['gateway', '--port', String(desk.port)], { home });
  expect(exitCode).toBe(1);
  expect(stderr).toContain(`Port ${desk.port} is taken`);
  if (hasProc) expect(stderr).toContain(`process ${desk.pid}`);
});

const OPEN: readonly (readonly [words: string, args: readonly string[], exitCode: number, told: string])[] = [
  ['without sign-in', ['--bind', 'lan', '--auth', 'none'], 78, 'was not started'],
  ['with no secret given', ['--bind', 'lan'], 78, 'without a token or password'],
  ['on a name', ['--bind', 'custom', '--host', 'gateway.example'], 64, 'not a name'],
];

test('a custom bind without an address is refused with exit 78', async ({ home }) => {
  const env = { OPENCLAW_GATEWAY_TOKEN: 'a-token-that-is-long-enough' };
  const { exitCode, stderr } = await runCli(['gateway', '--port', '0', '--bind', 'custom'], { home, env });
  expect([exitCode, stderr]).toEqual([78, expect.stringContaining('Give one with --host')]);
});

for (const [words, args, expected, told] of OPEN) {
  test(`an open bind ${words} is refused with exit ${expected}`, async ({ home }) => {
    const { exitCode, stderr } = await runCli(['gateway', '--port', '0', ...args], { home });
    expect([exitCode, stderr]).toEqual([expected, expect.stringContaining(told)]);
  });
}

test('a configuration that is broken is named with its line and starts nothing', async ({ home }) => {
  await writeFile(join(home, 'gateway.json5'), '{\n  gateway: {\n    port: 1,,\n  },\n}\n');
  const { exitCode, stderr } = await runCli(['gateway', '--port', '0'], { home });
  expect(exitCode).toBe(78);
  expect(stderr).toContain('gateway.json5, line 3');
});
