import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';

import { FakeClock } from '../platform/testing/fake-clock.ts';
import type { RunningGateway } from './gateway.ts';
import { cli, controlUi, nodeHost, RawClient, startTestGateway, TestDevice, TOKEN } from './testing/gateway-harness.ts';

let gateway: RunningGateway;
beforeAll(async () => {
  gateway = await startTestGateway();
});
afterAll(() => gateway.stop('test is over'));

const probe = { id: 'cli', mode: 'probe', version: 'dev', platform: 'linux' };

describe('a client that signs in', () => {
  it('gets hello-ok with what there is, and calls', async () => {
    const client = await RawClient.open(gateway.port);
    const hello = await client.connect();
    expect(hello).toMatchObject({
      ok: true,
      payload: {
        type: 'hello-ok',
        protocol: 4,
        server: { version: '1.2.3' },
        snapshot: {
          // Programs that come for one request are not somebody who is there.
          presence: [{ host: 'desk', reason: 'self' }],
        },
        auth: { role: 'operator', scopes: ['operator.read'] },
        policy: { maxPayload: 26_214_400, tickIntervalMs: 30_000 },
      },
    });
    expect(await client.request('health')).toMatchObject({ ok: true, payload: { ok: true } });
    client.socket.close();
  });

  it.each([
    ['the token in the field of the password', { auth: { password: TOKEN } }],
    ['a probe that also speaks protocol 3', { client: probe, minProtocol: 3 }],
    ['properties nobody knows', { userAgent: 'x', modelCatalog: { a: 1 } }],
    ['a scope nobody knows', { scopes: ['operator.read', 'made.up'] }],
  ])('is let in with %s', async (_name, params) => {
    const client = await RawClient.open(gateway.port);
    expect(await client.connect(params)).toMatchObject({ ok: true });
    client.socket.close();
  });

  it.each([
    ['cli/cli', { client: cli }, ['operator.read']],
    ['cli/probe', { client: probe }, []],
    ['a desktop app', { client: { ...cli, id: 'openclaw-macos', mode: 'ui' } }, []],
    ['a back end', { client: { ...cli, id: 'gateway-client', mode: 'backend' } }, ['operator.read']],
  ])('without a device keeps its scopes only as %s may', async (_name, params, scopes) => {
    const client = await RawClient.open(gateway.port);
    expect(await client.connect(params)).toMatchObject({ payload: { auth: { scopes } } });
    client.socket.close();
  });

  it('from a page keeps none by calling itself the command line', async () => {
    const client = await RawClient.open(gateway.port, { origin: `http://127.0.0.1:${gateway.port}` });
    expect(await client.connect({ client: cli })).toMatchObject({ payload: { auth: { scopes: [] } } });
    client.socket.close();
  });

  it('as a node holds none, whatever it asks for', async () => {
    const client = await RawClient.open(gateway.port);
    const hello = await new TestDevice().connect(client, {
      client: nodeHost,
      role: 'node',
      scopes: ['operator.admin'],
    });
    expect(hello).toMatchObject({ ok: true, payload: { auth: { role: 'node', scopes: [] } } });
    expect(await client.request('config.get')).toMatchObject({ ok: false });
    client.socket.close();
  });
});

describe('a client that is refused', () => {
  it.each<[string, Record<string, unknown>, string, string | undefined, number]>([
    ['no secret', { auth: undefined }, 'NOT_PAIRED', 'DEVICE_IDENTITY_REQUIRED', 1008],
    ['a wrong token', { auth: { token: 'wrong' } }, 'INVALID_REQUEST', 'AUTH_TOKEN_MISMATCH', 1008],
    [
      'a wrong one as long as a JWT',
      { auth: { token: 'x'.repeat(4_000) } },
      'INVALID_REQUEST',
      'AUTH_TOKEN_MISMATCH',
      1008,
    ],
    ['only protocol 3', { minProtocol: 3, maxProtocol: 3 }, 'INVALID_REQUEST', 'PROTOCOL_MISMATCH', 1002],
    ['an id nobody knows', { client: { ...cli, id: 'mine' } }, 'INVALID_REQUEST', undefined, 1008],
    ['the page’s name and no page', { client: controlUi }, 'INVALID_REQUEST', 'CONTROL_UI_ORIGIN_NOT_ALLOWED', 1008],
    ['a role nobody knows', { role: 'king' }, 'INVALID_REQUEST', undefined, 1008],
    ['no device, as a node', { role: 'node' }, 'NOT_PAIRED', 'DEVICE_IDENTITY_REQUIRED', 1008],
    [
      'a device that is not its own key',
      { device: { id: 'x', publicKey: 'AAAA', signature: 'AAAA', signedAt: 1 } },
      'INVALID_REQUEST',
      'DEVICE_AUTH_DEVICE_ID_MISMATCH',
      1008,
    ],
  ])('with %s is told why', async (_name, params, code, detail, closeCode) => {
    const client = await RawClient.open(gateway.port);
    const { ok, error } = await client.connect(params);
    expect({ ok, code: error?.code, detail: (error?.details as { code?: string } | undefined)?.code }).toEqual({
      ok: false,
      code,
      detail,
    });
    expect(await client.closed).toMatchObject({ code: closeCode });
  });

  it.each([['http://evil.example'], ['null'], ['file://'], ['chrome-extension://abc'], ['app://gangway']])(
    'comes from the page %s',
    async (origin) => {
      const client = await RawClient.open(gateway.port, { origin });
      expect((await client.connect()).error?.details).toMatchObject({ code: 'CONTROL_UI_ORIGIN_NOT_ALLOWED' });
    },
  );

  it('is a page whose name was made to point here', async () => {
    const headers = { origin: 'http://evil.example:1', host: 'evil.example:1' };
    const client = await RawClient.open(gateway.port, headers);
    expect((await client.connect()).error?.details).toMatchObject({ code: 'CONTROL_UI_ORIGIN_NOT_ALLOWED' });
  });

  it.each([
    ['a request before connect', { type: 'req', id: '1', method: 'health' }, 1008],
    ['no frame', { hello: 1 }, 1008],
    ['no JSON', 'not json', 1000],
    ['more than 64 KiB', `"${'a'.repeat(66_000)}"`, 1009],
  ])('begins with %s', async (_name, first, code) => {
    const client = await RawClient.open(gateway.port);
    client.send(first);
    expect(await client.closed).toMatchObject({ code });
  });

  it.each(['forwarded', 'x-forwarded-for', 'x-real-ip', 'tailscale-user-login'])(
    'comes through a proxy that nobody named: %s',
    async (name) => {
      const socket = new WebSocket(`ws://127.0.0.1:${gateway.port}`, { headers: { [name]: 'for=1.2.3.4' } });
      const status = await new Promise((resolve) => {
        socket.once('unexpected-response', (_request, response) => resolve(response.statusCode));
        socket.on('error', () => undefined);
      });
      expect(status).toBe(403);
    },
  );
});

it('takes an upgrade on any path but the protected one', async () => {
  for (const [path, expected] of [
    ['/', 'open'],
    ['/ws', 'open'],
    ['/v1/models', 'open'],
    ['/api/channels/x', 401],
  ] as const) {
    const socket = new WebSocket(`ws://127.0.0.1:${gateway.port}${path}`);
    const outcome = await new Promise((resolve) => {
      socket.once('open', () => resolve('open'));
      socket.once('unexpected-response', (_request, response) => resolve(response.statusCode));
      socket.on('error', () => undefined);
    });
    expect([path, outcome]).toEqual([path, expected]);
    socket.close();
  }
});

describe('a request', () => {
  it.each([
    ['status', { ok: true }],
    ['system.info', { ok: true }],
    ['nope', { ok: false, error: { code: 'FORBIDDEN', message: 'missing scope: operator.admin' } }],
  ])('for %s is answered by what the scopes allow', async (method, expected) => {
    const client = await RawClient.open(gateway.port);
    await client.connect();
    expect(await client.request(method)).toMatchObject(expected);
    client.socket.close();
  });

  it('for a method that is not there tells an administrator so', async () => {
    const client = await RawClient.open(gateway.port);
    await client.connect({ scopes: ['operator.admin'] });
    expect(await client.request('nope')).toMatchObject({ error: { message: 'unknown method: nope' } });
    expect(await client.request('system-presence', { odd: 1 })).toMatchObject({
      error: {
        code: 'INVALID_REQUEST',
        message: expect.stringContaining("invalid system-presence params: at root: unexpected property 'odd'"),
      },
    });
    client.socket.close();
  });

  it('without any scope may still ask for health', async () => {
    const client = await RawClient.open(gateway.port);
    await client.connect({ client: probe });
    expect(await client.request('health')).toMatchObject({ ok: true });
    expect(await client.request('status')).toMatchObject({
      error: { code: 'FORBIDDEN', details: { code: 'MISSING_SCOPE', missingScope: 'operator.read' } },
    });
    client.socket.close();
  });

  it('may be large once the client was let in', async () => {
    const client = await RawClient.open(gateway.port);
    await client.connect();
    const padding = 'a'.repeat(24 * 1024 * 1024);
    expect(await client.request('health', { padding })).toMatchObject({ ok: true });
    client.send(`"${'a'.repeat(26 * 1024 * 1024)}"`);
    expect(await client.closed).toMatchObject({ code: 1009 });
  });

  it('that is no frame is answered or ignored, and the connection stays', async () => {
    const client = await RawClient.open(gateway.port);
    await client.connect();
    client.send('not json');
    client.send({ type: 'req' });
    expect(await client.next(({ id }) => id === 'invalid')).toMatchObject({ ok: false });
    expect(await client.request('health')).toMatchObject({ ok: true });
    client.socket.close();
  });

  it('never shows the secret of the configuration', async () => {
    const client = await RawClient.open(gateway.port);
    await client.connect();
    const text = JSON.stringify(await client.request('config.get'));
    expect(text).toContain('__OPENCLAW_REDACTED__');
    expect(text).not.toContain(TOKEN);
    client.socket.close();
  });
});

describe('everybody who is connected', () => {
  it('hears of others coming and going, numbered without a gap', async () => {
    const first = await RawClient.open(gateway.port);
    await first.connect();
    const second = await RawClient.open(gateway.port);
    const others = (): number | undefined => {
      const told = first.frames.findLast(({ event }) => event === 'presence');
      return (told?.payload as { presence: readonly unknown[] } | undefined)?.presence.length;
    };
    await second.connect({ client: { ...cli, id: 'openclaw-macos', mode: 'ui' } });
    await expect.poll(others).toBe(2);
    second.socket.close();
    await expect.poll(others).toBe(2);
    const numbers = first.frames.flatMap(({ seq }) => seq ?? []);
    expect(numbers).toEqual(numbers.map((_number, index) => index + 1));
    first.socket.close();
  });
});

it('tells health once a minute, to those who may read it, with the number of the state', async () => {
  const clock = new FakeClock();
  const own = await startTestGateway({}, clock);
  const reader = await RawClient.open(own.port);
  const hello = await reader.connect();
  const features = (hello.payload as unknown as { features: { events: readonly string[] } }).features;
  expect(features.events).toContain('health');
  const other = await RawClient.open(own.port);
  await other.connect({ scopes: ['operator.pairing'] });
  await clock.advance(120_000);
  await reader.request('health');
  await other.request('health');
  const told = ({ frames }: RawClient) => frames.filter(({ event }) => event === 'health');
  expect(told(reader)).toMatchObject([
    { payload: { ok: true, ts: 60_000 }, stateVersion: { health: 1 } },
    { payload: { ok: true, ts: 120_000 }, stateVersion: { health: 2 } },
  ]);
  expect(told(other)).toEqual([]);
  const later = await RawClient.open(own.port);
  expect(await later.connect()).toMatchObject({ payload: { snapshot: { stateVersion: { health: 2 } } } });
  for (const { socket } of [reader, other, later]) socket.close();
  await own.stop('test is over');
});

it('ticks every 30 s, so that clients notice a dead line', async () => {
  const clock = new FakeClock();
  const own = await startTestGateway({}, clock);
  const client = await RawClient.open(own.port);
  await client.connect();
  await clock.advance(60_000);
  await client.request('health');
  expect(client.frames.filter(({ event }) => event === 'tick').map(({ payload }) => payload)).toEqual([
    { ts: 30_000 },
    { ts: 60_000 },
  ]);
  client.socket.close();
  await own.stop('test is over');
  expect(clock.pendingTimers).toBe(0);
});

describe('strangers', () => {
  it('may not hold more than 32 sockets of one address', async () => {
    const sockets = await Promise.all(Array.from({ length: 32 }, () => RawClient.open(gateway.port)));
    const refused = new WebSocket(`ws://127.0.0.1:${gateway.port}`);
    const status = await new Promise((resolve) => {
      refused.once('unexpected-response', (_request, response) => resolve(response.statusCode));
      refused.on('error', () => undefined);
    });
    expect(status).toBe(503);
    for (const { socket } of sockets) socket.close();
    await Promise.all(sockets.map(({ closed }) => closed));
    const again = await RawClient.open(gateway.port);
    again.socket.close();
  });

  it('are let go after 15 s without connecting', async () => {
    const clock = new FakeClock();
    const own = await startTestGateway({}, clock);
    const client = await RawClient.open(own.port);
    await clock.advance(15_000);
    expect(await client.closed).toMatchObject({ code: 1000 });
    await own.stop('test is over');
  });
});

describe('a stop', () => {
  it('tells every client, closes as a restart, and leaves nothing', async () => {
    const own = await startTestGateway();
    const client = await RawClient.open(own.port);
    await client.connect();
    const idle = connect(own.port, '127.0.0.1');
    idle.on('error', () => undefined);
    const gone = new Promise((resolve) => idle.once('close', resolve));
    idle.resume();
    await own.stop('gateway stopping');
    expect(client.frames.at(-1)).toMatchObject({ event: 'shutdown', payload: { reason: 'gateway stopping' } });
    expect(await client.closed).toEqual({ code: 1012, reason: 'service restart' });
    await gone;
    await expect(fetch(`${own.url}/health`)).rejects.toThrow('fetch failed');
  });
});

describe('a start', () => {
  it.each([
    [{ bind: 'lan', auth: { mode: 'none' } } as const],
    [{ bind: 'lan', auth: { mode: 'token', token: 'short' } } as const],
    [{ bind: 'custom', host: '127.0.0.2', auth: { mode: 'password', password: 'short' } } as const],
  ])('that would be open to others is refused: %j', async (options) => {
    await expect(startTestGateway(options)).rejects.toMatchObject({ info: { code: 'gateway/bind-needs-secret' } });
  });

  it('on a taken port says so and holds none of its addresses', async () => {
    const taken = startTestGateway({ port: gateway.port });
    await expect(taken).rejects.toMatchObject({ info: { code: 'gateway/port-taken', params: { port: gateway.port } } });
  });

  it('in the home of another gateway names that gateway, and its port if that is taken too', async () => {
    const home = mkdtempSync(join(tmpdir(), 'gangway-shared-'));
    const first = await startTestGateway({ home });
    await expect(startTestGateway({ home })).rejects.toMatchObject({
      info: { code: 'gateway/state-in-use', params: { folder: join(home, 'state'), pid: process.pid } },
    });
    await expect(startTestGateway({ home, port: first.port })).rejects.toMatchObject({
      info: { code: 'gateway/port-taken' },
    });
    await first.stop('test is over');
    rmSync(home, { recursive: true, force: true });
  });

  it('on every address says one that leads to it', async () => {
    const gateway = await startTestGateway({ bind: 'custom', host: '::' });
    expect([gateway.url, (await fetch(`${String(gateway.url)}/health`)).status]).toEqual([
      `http://[::1]:${gateway.port}`,
      200,
    ]);
    await gateway.stop('test is over');
  });

  it('on an address that nobody gave says so', async () => {
    const options = { bind: 'custom', host: undefined } as const;
    await expect(startTestGateway(options)).rejects.toMatchObject({ info: { code: 'gateway/no-custom-address' } });
  });

  it('on an address of another computer says so', async () => {
    const options = { bind: 'custom', host: '192.0.2.1' } as const;
    await expect(startTestGateway(options)).rejects.toMatchObject({ info: { code: 'gateway/address-unavailable' } });
  });
});
