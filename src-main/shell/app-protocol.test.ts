import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { createAppProtocol } from './app-protocol.ts';

let home: string;
let serve: ReturnType<typeof createAppProtocol>;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'app-protocol-'));
  await mkdir(join(home, 'renderer', 'assets'), { recursive: true });
  await writeFile(join(home, 'secret.html'), 'secret');
  await writeFile(join(home, 'renderer', 'index.html'), '<!doctype html>');
  await writeFile(join(home, 'renderer', '.env'), 'secret');
  await writeFile(join(home, 'renderer', 'notes.txt'), 'not part of a page');
  await writeFile(join(home, 'renderer', 'assets', 'index-B3x_9.js'), 'let x;');
  serve = createAppProtocol(join(home, 'renderer'));
});

afterAll(() => rm(home, { recursive: true }));

it.each([
  ['app://gangway/', 200, 'text/html; charset=utf-8'],
  ['app://gangway/index.html#/gateways', 200, 'text/html; charset=utf-8'],
  ['app://gangway/assets/index-B3x_9.js', 200, 'text/javascript; charset=utf-8'],
  ['app://gangway/assets/gone.js', 404, null],
  ['app://gangway/assets', 404, null],
  ['app://gangway/index.html/more.js', 404, null],
  ['app://gangway/notes.txt', 404, null],
  ['app://gangway/..%2fsecret.html', 403, null],
  ['app://gangway/assets/..%2f..%2fsecret.html', 403, null],
  ['app://gangway/%2e%2e%2fsecret.html', 403, null],
  ['app://gangway/..%5csecret.html', 403, null],
  ['app://gangway/assets%5c..%5cindex.html', 403, null],
  ['app://gangway//etc/passwd', 403, null],
  ['app://gangway/C:%5cindex.html', 403, null],
  ['app://gangway/index.html::$DATA', 403, null],
  ['app://gangway/index.html%00.js', 403, null],
  ['app://gangway/.env', 403, null],
  ['app://gangway/%', 403, null],
  ['app://evil/index.html', 403, null],
  ['app://me@gangway/index.html', 403, null],
])('answers %s with %i', async (url, status, type) => {
  const response = await serve({ url, method: 'GET' });
  expect([response.status, response.headers.get('content-type')]).toEqual([status, type]);
});

it('takes no request that would change something', async () => {
  expect((await serve({ url: 'app://gangway/', method: 'POST' })).status).toBe(405);
});

it('lets a page run and load nothing but its own files', async () => {
  const policy = (await serve({ url: 'app://gangway/', method: 'GET' })).headers.get('content-security-policy') ?? '';
  expect(policy).not.toMatch(/unsafe-|\*|https?:|blob:/);
  const directives = policy.split('; ');
  expect(directives).toEqual(
    expect.arrayContaining(["default-src 'self'", "connect-src 'self'", "frame-ancestors 'none'", "base-uri 'none'"]),
  );
});

it('sends the same policy with a refusal', async () => {
  const refused = await serve({ url: 'app://gangway/.env', method: 'GET' });
  expect(refused.headers.get('content-security-policy')).toContain("default-src 'self'");
});
