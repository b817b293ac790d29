import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { RunningGateway } from '../gateway.ts';
import { RawClient, startTestGateway, TOKEN } from '../testing/gateway-harness.ts';

let folder: string;
let gateway: RunningGateway;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gangway-ui-'));
  await mkdir(join(folder, 'ui', 'assets'), { recursive: true });
  await writeFile(join(folder, 'secret.txt'), 'secret');
  await writeFile(join(folder, 'ui', 'index.html'), '<!doctype html><title>page</title>');
  await writeFile(join(folder, 'ui', 'assets', 'app-1a2b.js'), 'export {}');
  await writeFile(join(folder, 'ui', '.hidden'), 'hidden');
  const controlUi = { enabled: true, root: join(folder, 'ui'), allowedOrigins: [] };
  gateway = await startTestGateway({ controlUi });
});
afterAll(async () => {
  await gateway.stop('test is over');
  await rm(folder, { recursive: true });
});

const get = (path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Response> =>
  fetch(`${gateway.url}${path}`, { headers, method });

const signedIn = { authorization: `Bearer ${TOKEN}` };

describe('the HTTP side', () => {
  it.each<[string, string, Record<string, string>, number, unknown]>([
    ['GET', '/health', {}, 200, { ok: true, status: 'live' }],
    ['GET', '/healthz', {}, 200, { ok: true, status: 'live' }],
    ['GET', '/health', { 'x-forwarded-for': '1.2.3.4' }, 200, { ok: true, status: 'live' }],
    ['GET', '/readyz', {}, 200, { ready: true, failing: [] }],
    ['GET', '/startupz', {}, 200, { ok: true, status: 'started', version: '1.2.3' }],
    ['POST', '/health', {}, 405, 'Method Not Allowed'],
    ['GET', '/v1/models', {}, 401, { error: { type: 'unauthorized' } }],
    ['GET', '/v1/models', { authorization: 'Bearer wrong' }, 401, { error: { type: 'unauthorized' } }],
    [
      'GET',
      '/v1/models',
      signedIn,
      200,
      { object: 'list', data: [{ id: 'openclaw' }, { id: 'openclaw/default' }, {}] },
    ],
    ['GET', '/v1/models/openclaw/main', signedIn, 200, { id: 'openclaw/main', object: 'model' }],
    ['GET', '/v1/models/nobody', signedIn, 404, 'Not Found'],
    ['POST', '/v1/models', signedIn, 404, 'Not Found'],
    ['POST', '/tools/invoke', {}, 401, { error: { type: 'unauthorized' } }],
    ['GET', '/api/channels/x', {}, 401, { error: { type: 'unauthorized' } }],
    ['GET', '/v1/models', { 'x-forwarded-for': '1.2.3.4' }, 403, { error: { type: 'proxy_attribution_required' } }],
    ['GET', '/', { forwarded: 'for=1.2.3.4' }, 403, { error: { type: 'proxy_attribution_required' } }],
    ['GET', '/', {}, 200, '<!doctype html><title>page</title>'],
    ['GET', '/gateways', {}, 200, '<!doctype html><title>page</title>'],
    ['GET', '/nope.js', {}, 404, 'Not Found'],
    ['GET', '/.hidden', {}, 200, '<!doctype html><title>page</title>'],
    ['POST', '/', {}, 404, 'Not Found'],
    ['GET', '/%E0%A4%A', {}, 200, '<!doctype html><title>page</title>'],
  ])('%s %s %j answers %i', async (method, path, headers, status, body) => {
    const response = await get(path, headers, method);
    expect(response.status).toBe(status);
    const text = await response.text();
    expect({ body: typeof body === 'string' ? text : JSON.parse(text) }).toMatchObject({ body });
  });

  it('gives nothing from outside its folder', async () => {
    for (const path of ['/../secret.txt', '/assets/../../secret.txt', '/..%2fsecret.txt', '/%2e%2e/secret.txt']) {
      expect(await rawStatus(path)).not.toBe(200);
    }
  });

  it('says nothing about itself and lets nobody frame or sniff the page', async () => {
    const { headers } = await get('/');
    expect(headers.get('x-powered-by')).toBeNull();
    expect(headers.get('x-frame-options')).toBe('DENY');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    const policy = headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'self'");
    expect(policy).not.toMatch(/unsafe|\*/);
  });

  it('lets hashed files be kept, and the page itself not', async () => {
    expect((await get('/assets/app-1a2b.js')).headers.get('cache-control')).toContain('immutable');
    expect((await get('/')).headers.get('cache-control')).toBe('no-cache');
  });
});

it('locks a page out after ten wrong secrets, over HTTP and WebSocket together, and nobody else', async () => {
  const own = await startTestGateway();
  const origin = { origin: 'http://127.0.0.1:3000' };
  const guess = () => fetch(`${own.url}/v1/models`, { headers: { ...origin, authorization: 'Bearer wrong' } });
  for (let attempt = 0; attempt < 9; attempt += 1) expect((await guess()).status).toBe(401);
  const tenth = await RawClient.open(own.port, origin);
  expect((await tenth.connect({ auth: { token: 'wrong' } })).error?.details).toMatchObject({
    code: 'AUTH_TOKEN_MISMATCH',
  });
  const response = await guess();
  expect(response.status).toBe(429);
  expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(290);
  const locked = await RawClient.open(own.port, origin);
  expect((await locked.connect()).error?.details).toMatchObject({ code: 'AUTH_RATE_LIMITED' });
  const other = await RawClient.open(own.port);
  expect(await other.connect()).toMatchObject({ ok: true });
  other.socket.close();
  await own.stop('test is over');
});

/** `fetch` would tidy the path up before it sends it. */
function rawStatus(path: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ host: '127.0.0.1', port: gateway.port, path }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    outgoing.once('error', reject);
    outgoing.end();
  });
}
