import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';

import { createForkStarter } from './node-host-process.ts';
import type { HostProcess } from './ports.ts';

let dir: string;
const started: HostProcess[] = [];

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'gangway-fork-'));
});
afterEach(() => {
  for (const host of started.splice(0)) host.kill('SIGKILL');
  rmSync(dir, { recursive: true, force: true });
});

function start(script: string, env: NodeJS.ProcessEnv = {}): HostProcess {
  const entry = join(dir, 'entry.cjs');
  writeFileSync(entry, script);
  const host = createForkStarter({ entries: { 'gateway-host': entry }, env }).start('gateway-host');
  started.push(host);
  return host;
}

const nextMessage = (host: HostProcess): Promise<unknown> => new Promise((resolve) => host.onMessage(resolve));
const end = (host: HostProcess): Promise<number | undefined> => new Promise((resolve) => host.onExit(resolve));

it('exchanges plain data both ways, `undefined` included', async () => {
  const host = start('process.on("message", (message) => process.send({ echo: message }))');
  const answer = nextMessage(host);
  host.send({ host: undefined, list: [1] });
  expect(await answer).toStrictEqual({ echo: { host: undefined, list: [1] } });
});

it('tells the exit code after the last words, and swallows what is sent too late', async () => {
  const host = start(
    'process.stdout.write("x".repeat(1e6)); process.stderr.write("one\\ntwo"); process.exitCode = 7; process.disconnect()',
  );
  const lines: string[] = [];
  host.onErrorLine((line) => lines.push(line));
  expect(await end(host)).toBe(7);
  expect(lines).toEqual(['one', 'two']);
  expect(() => host.send({ late: true })).not.toThrow();
});

it('tells of an end by a signal without a code', async () => {
  const host = start('setInterval(() => {}, 1000); process.send("up")');
  await nextMessage(host);
  host.kill('SIGKILL');
  expect(await end(host)).toBeUndefined();
});

it('reports an entry that does not exist as an end', async () => {
  const host = createForkStarter({ entries: { 'gateway-host': join(dir, 'none.cjs') }, env: {} }).start('gateway-host');
  const lines: string[] = [];
  host.onErrorLine((line) => lines.push(line));
  expect(await end(host)).toBe(1);
  expect(lines.join('\n')).toContain('Cannot find module');
});

it('tells the end even when a grandchild holds standard error', async () => {
  const host = start(
    'const child = require("child_process").spawn(process.execPath, ["-e", "setTimeout(() => {}, 15000)"], { stdio: "inherit" });' +
      'process.send(child.pid, () => process.exit(4));',
  );
  const grandchild = nextMessage(host);
  expect(await end(host)).toBe(4);
  process.kill(Number(await grandchild));
});

it('passes the environment on without what could steer the gateway', async () => {
  const env = {
    PATH: '/bin',
    GANGWAY_HOME: '/h',
    OPENCLAW_GATEWAY_TOKEN: 'x',
    openclaw_home: 'x',
    NODE_OPTIONS: '--no-such',
  };
  const names = (await nextMessage(start('process.send(Object.keys(process.env))', env))) as string[];
  expect(names).toEqual(expect.arrayContaining(['PATH', 'GANGWAY_HOME']));
  expect(names.filter((name) => /openclaw|node_options/i.test(name))).toEqual([]);
});
