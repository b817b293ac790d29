import { request, type IncomingHttpHeaders } from 'node:http';

import { afterEach, describe, expect, it } from 'vitest';

import type { OpenRoute } from '../../contract/exposure.ts';
import type { GatewayRunOptions } from '../../contract/gateway-host.ts';
import type { RunningGateway } from '../gateway.ts';
import { RawClient, runOptions, startTestGateway, TestDevice, TOKEN } from '../testing/gateway-harness.ts';
import { byServe, HOST, TestTailnet } from '../testing/test-tailnet.ts';

const PASSWORD = 'correct horse battery staple';
const byFunnel = { ...byServe, 'x-forwarded-for': '203.0.113.7', 'tailscale-funnel-request': '?1' };
const password = { mode: 'password', password: PASSWORD } as const;

let gateway: RunningGateway;
afterEach(() => gateway.stop('test is over'));

async function openRoute(
  mode: 'serve' | 'funnel' = 'serve',
  options: Partial<GatewayRunOptions> = mode === 'funnel' ? { auth: password } : {},
): Promise<OpenRoute> {
  gateway = await startTestGateway(options);
  return gateway.openRoute({ mode, host: HOST, tailnet: new TestTailnet() });
}

interface Answer {
  readonly status: number | undefined;
  readonly body: unknown;
  readonly headers: IncomingHttpHeaders;
}

/** A request with these headers as they are; several values are as many lines. */
function ask(port: number, headers: Readonly<Record<string, string | string[]>>, path = '/v1/models'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port, path, headers, agent: false }, (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => (text += chunk.toString('utf8')));
      response.on('end', () => {
        const isJson = response.headers['content-type']?.startsWith('application/json') === true;
        resolve({ status: response.statusCode, body: isJson ? JSON.parse(text) : text, headers: response.headers });
      });
    });
    asked.on('error', reject);
    asked.end();
  });
}

const bearer = (secret: string) => ({ authorization: `Bearer ${secret}` });

describe('a route', () => {
  it('answers what Tailscale brings, and knows the client by what it was forwarded for', async () => {
    const route = await openRoute();
    expect(await ask(route.port, byServe)).toMatchObject({ status: 401 });
    expect(await ask(route.port, { ...byServe, ...bearer(TOKEN) })).toMatchObject({ status: 200 });
    expect(route.visitors()).toMatchObject([
      {
        address: '100.64.0.2',
        login: 'ann@example.com',
        device: 'phone',
        signedIn: 'secret',
        requests: 2,
        refused: 0,
        isLockedOut: false,
      },
    ]);
  });

  it('says neither the version nor the load of this computer to whoever knows no secret', async () => {
    const route = await openRoute();
    expect((await ask(route.port, byServe, '/health')).body).toEqual({ ok: true, status: 'live' });
    expect((await ask(route.port, byServe, '/readyz')).body).toEqual({ ready: true, failing: [] });
    expect((await ask(route.port, byServe, '/startupz')).body).toEqual({ ok: true, status: 'started' });
  });

  it('locks out one visitor after ten wrong secrets, and neither the others nor this computer', async () => {
    const route = await openRoute();
    for (let attempt = 0; attempt < 10; attempt += 1) {
      expect(await ask(route.port, { ...byServe, ...bearer('wrong') })).toMatchObject({ status: 401 });
    }
    expect(await ask(route.port, { ...byServe, ...bearer(TOKEN) })).toMatchObject({ status: 429 });
    const other = { ...byServe, 'x-forwarded-for': 'fd7a:115c:a1e0::7', ...bearer(TOKEN) };
    expect(await ask(route.port, other)).toMatchObject({ status: 200 });
    expect(await ask(gateway.port, bearer(TOKEN))).toMatchObject({ status: 200 });
    expect(route.visitors().map(({ address, refused, isLockedOut }) => [address, refused, isLockedOut])).toEqual([
      ['fd7a:115c:a1e0::7', 0, false],
      ['100.64.0.2', 10, true],
    ]);
  });

  it('pairs no device silently, as on this computer', async () => {
    const route = await openRoute();
    const client = await RawClient.open(route.port, byServe);
    expect(await new TestDevice().connect(client)).toMatchObject({ ok: false, error: { code: 'NOT_PAIRED' } });
    expect(await client.closed).toMatchObject({ code: 1008 });
  });

  it('remembers the fifty newest visitors', async () => {
    const route = await openRoute('funnel');
    for (let index = 0; index < 60; index += 1) {
      await ask(route.port, { ...byFunnel, 'x-forwarded-for': `203.0.113.${index}` }, '/health');
    }
    const addresses = route.visitors().map(({ address }) => address);
    expect([addresses.length, addresses[0], addresses.at(-1)]).toEqual([50, '203.0.113.59', '203.0.113.10']);
  });

  it('lets pages of its own origin in, and no others', async () => {
    const route = await openRoute();
    const codes: unknown[] = [];
    for (const origin of [`https://${HOST}`, `http://${HOST}`, 'https://evil.example', 'http://localhost:3000']) {
      const client = await RawClient.open(route.port, { ...byServe, origin });
      const { ok, error } = await client.connect();
      codes.push(ok === true ? 'in' : (error?.details as { code?: string } | undefined)?.code);
      client.socket.close();
    }
    expect(codes).toEqual(['in', ...Array.from({ length: 3 }, () => 'CONTROL_UI_ORIGIN_NOT_ALLOWED')]);
  });

  it('ends what came by it when it is closed, and nothing else', async () => {
    const route = await openRoute();
    const here = await RawClient.open(gateway.port);
    await here.connect();
    const there = await RawClient.open(route.port, byServe);
    await there.connect();
    const stranger = await RawClient.open(route.port, byServe);
    await Promise.all([route.close(), route.close()]);
    expect(there.frames.at(-1)).toMatchObject({ event: 'shutdown', payload: { reason: 'route closed' } });
    expect(await there.closed).toEqual({ code: 1001, reason: 'route closed' });
    expect(await stranger.closed).toEqual({ code: 1001, reason: 'route closed' });
    await expect(ask(route.port, byServe)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    expect(await here.request('health')).toMatchObject({ ok: true });
    here.socket.close();
  });

  it('ends with the gateway', async () => {
    const route = await openRoute();
    const client = await RawClient.open(route.port, byServe);
    await client.connect();
    await gateway.stop('gateway stopping');
    expect(await client.closed).toEqual({ code: 1012, reason: 'service restart' });
    await expect(ask(route.port, byServe)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await route.close();
    await expect(gateway.openRoute({ mode: 'serve', host: HOST, tailnet: new TestTailnet() })).rejects.toThrow('stops');
  });
});

describe('what Tailscale cannot have brought', () => {
  const wrongHost = { status: 421, body: { error: { type: 'host_not_allowed' } } };
  const notForwarded = { status: 403, body: { error: { type: 'proxy_attribution_required' } } };
  const without = (name: string) => Object.fromEntries(Object.entries(byServe).filter(([key]) => key !== name));

  it.each<[string, Record<string, string | string[]>, object]>([
    ['another Host', { ...byServe, host: 'evil.example' }, wrongHost],
    ['its address as Host', { ...byServe, host: '127.0.0.1' }, wrongHost],
    ['the Host with another port', { ...byServe, host: `${HOST}:8443` }, wrongHost],
    ['the Host with a dot', { ...byServe, host: `${HOST}.` }, wrongHost],
    ['another X-Forwarded-Host', { ...byServe, 'x-forwarded-host': 'evil.example' }, wrongHost],
    ['X-Forwarded-Host twice', { ...byServe, 'x-forwarded-host': [HOST, HOST] }, wrongHost],
    ['no client', without('x-forwarded-for'), notForwarded],
    ['a chain of clients', { ...byServe, 'x-forwarded-for': '100.64.0.2, 100.64.0.3' }, notForwarded],
    ['the client twice', { ...byServe, 'x-forwarded-for': ['100.64.0.2', '100.64.0.2'] }, notForwarded],
    ['a client of the internet', { ...byServe, 'x-forwarded-for': '203.0.113.7' }, notForwarded],
    ['this computer as the client', { ...byServe, 'x-forwarded-for': '127.0.0.1' }, notForwarded],
    ['a tailnet client in the clothes of IPv6', { ...byServe, 'x-forwarded-for': '::ffff:100.64.0.2' }, notForwarded],
    ['a client with a port', { ...byServe, 'x-forwarded-for': '100.64.0.2:80' }, notForwarded],
    ['no protocol', without('x-forwarded-proto'), notForwarded],
    ['plain HTTP', { ...byServe, 'x-forwarded-proto': 'http' }, notForwarded],
    ['the protocol twice', { ...byServe, 'x-forwarded-proto': ['https', 'https'] }, notForwarded],
    ['a Forwarded header', { ...byServe, forwarded: 'for=100.64.0.2' }, notForwarded],
    ['what Funnel brings', byFunnel, notForwarded],
    ['an address in long form', { ...byServe, 'x-forwarded-for': 'fd7a:115c:a1e0:0:0:0:0:2' }, notForwarded],
    ['an address in large letters', { ...byServe, 'x-forwarded-for': 'FD7A:115C:A1E0::2' }, notForwarded],
    ['the marker of Funnel', { ...byServe, 'tailscale-funnel-request': '?1' }, notForwarded],
    ['that marker saying no', { ...byServe, 'tailscale-funnel-request': '?0' }, notForwarded],
  ])('is refused on Serve, whatever it asks for: %s', async (_name, headers, refusal) => {
    const route = await openRoute();
    for (const path of ['/health', '/v1/models', '/']) {
      expect(await ask(route.port, { ...headers, ...bearer(TOKEN) }, path)).toMatchObject(refusal);
    }
    const { status } = refusal as { status: number };
    await expect(RawClient.open(route.port, headers as Record<string, string>)).rejects.toThrow(String(status));
    expect(route.visitors()).toEqual([]);
  });

  it.each<[string, Record<string, string | string[]>, number]>([
    ['the internet', byFunnel, 401],
    ['the tailnet, which needs no marker', byServe, 401],
    ['the internet without a marker', { ...byServe, 'x-forwarded-for': '203.0.113.7' }, 403],
    ['the tailnet with a marker', { ...byServe, 'tailscale-funnel-request': '?1' }, 403],
    ['this computer with a marker', { ...byFunnel, 'x-forwarded-for': '::1' }, 403],
    ['a marker that says no', { ...byFunnel, 'tailscale-funnel-request': '?0' }, 403],
    ['a marker that is no boolean', { ...byFunnel, 'tailscale-funnel-request': '1' }, 403],
    ['two markers', { ...byFunnel, 'tailscale-funnel-request': ['?1', '?1'] }, 403],
  ])('is refused on Funnel: %s', async (_name, headers, status) => {
    const route = await openRoute('funnel');
    expect(await ask(route.port, headers)).toMatchObject({ status });
  });

  it('is a request over HTTPS where Serve was told to use plain HTTP', async () => {
    gateway = await startTestGateway();
    const route = await gateway.openRoute({ mode: 'serve', host: HOST, scheme: 'http', tailnet: new TestTailnet() });
    expect(await ask(route.port, without('x-forwarded-proto'))).toMatchObject({ status: 401 });
    expect(await ask(route.port, byServe)).toMatchObject({ status: 403 });
  });

  it('is never believed on the own port of the gateway', async () => {
    await openRoute();
    expect(await ask(gateway.port, { ...byServe, ...bearer(TOKEN) })).toMatchObject(notForwarded);
  });
});

describe('a secret that is too weak for a route', () => {
  it.each([
    ['serve', { mode: 'none' }, 'tailscale/needs-secret'],
    ['serve', { mode: 'token', token: 'short' }, 'tailscale/needs-secret'],
    ['funnel', { mode: 'none' }, 'tailscale/needs-password'],
    ['funnel', { mode: 'token', token: TOKEN }, 'tailscale/needs-password'],
    ['funnel', { mode: 'password', password: 'short' }, 'tailscale/needs-password'],
    ['funnel', { mode: 'password', password: 'passwordpassword' }, 'tailscale/needs-password'],
  ] as const)('keeps %s with %j from being opened, and from being reloaded', async (mode, auth, code) => {
    await expect(openRoute(mode, { auth })).rejects.toMatchObject({ info: { code } });
    await gateway.stop('once more');
    await openRoute(mode);
    expect(() => gateway.reload({ ...runOptions, auth })).toThrow(
      expect.objectContaining({ info: { code, params: { mode: auth.mode } } }),
    );
  });
});
