import { createServer, request, type IncomingHttpHeaders, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { isAllowedOrigin } from '../auth/origins.ts';
import { IngressReader, type Ingress, type IngressRules } from './ingress.ts';
import type { Listener } from './listener.ts';

const loopback: Listener = { kind: 'bind', bind: 'loopback', address: '127.0.0.1' };
const rules: IngressRules = { trustedProxies: [], ownHosts: ['desk', 'desk.local', 'gw.example'] };

let server: Server;
let port: number;
let arrived: (request: IncomingMessage) => void;
beforeAll(async () => {
  server = createServer((incoming, response) => {
    arrived(incoming);
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ({ port } = server.address() as AddressInfo);
});
afterAll(() => new Promise<void>((resolve) => void server.close(() => resolve())));

/** What a real request with these headers is read as. */
async function ingressOf(
  headers: IncomingHttpHeaders,
  { listener = loopback, ...changed }: Partial<IngressRules> & { listener?: Listener } = {},
): Promise<Ingress> {
  const incoming = new Promise<IncomingMessage>((resolve) => (arrived = resolve));
  const asked = request({ host: '127.0.0.1', port, headers, agent: false }, (response) => response.resume());
  asked.end();
  return new IngressReader({ ...rules, ...changed }).read(await incoming, listener);
}

describe('who asks', () => {
  it('is the peer, and is here, when nobody is in between', async () => {
    expect(await ingressOf({ host: '127.0.0.1:1' })).toMatchObject({
      peer: '127.0.0.1',
      client: '127.0.0.1',
      isLocal: true,
      isForwarded: false,
      isUnattributed: false,
    });
  });

  it('is not here who comes from elsewhere, though by the name of this computer', () => {
    const incoming = { headers: { host: 'localhost:1' }, socket: { remoteAddress: '::ffff:203.0.113.9' } };
    const lan: Listener = { kind: 'bind', bind: 'lan', address: '0.0.0.0' };
    expect(new IngressReader(rules).read(incoming as unknown as IncomingMessage, lan)).toMatchObject({
      client: '203.0.113.9',
      isLoopbackPeer: false,
      isLocalHost: true,
      isLocal: false,
    });
  });

  it.each(['forwarded', 'x-forwarded-for', 'x-forwarded-proto', 'x-real-ip', 'tailscale-user-login'])(
    'is not known when somebody who is not believed says %s',
    async (name) => {
      const ingress = await ingressOf({ [name]: '203.0.113.7', host: 'localhost' });
      expect(ingress).toMatchObject({ client: '127.0.0.1', isUnattributed: true, isLocal: false });
    },
  );

  it.each([
    ['x-forwarded-for', '203.0.113.7', '203.0.113.7'],
    // The first of these was written by the client itself.
    ['x-forwarded-for', '127.0.0.1, 203.0.113.7, 10.0.0.9', '203.0.113.7'],
    ['x-forwarded-for', '10.0.0.8, 10.0.0.9', '10.0.0.8'],
    ['x-forwarded-for', '::ffff:203.0.113.7', '203.0.113.7'],
    ['forwarded', 'for=192.0.2.1;proto=https, for="[2001:db8::1]:4711";by=10.0.0.9', '2001:db8::1'],
    ['forwarded', 'proto=http; for=192.0.2.1:80', '192.0.2.1'],
    ['x-real-ip', '203.0.113.7', '203.0.113.7'],
  ])('is taken from %s: %s of a trusted proxy', async (name, value, client) => {
    const trustedProxies = ['127.0.0.1', '10.0.0.0/8'];
    const ingress = await ingressOf({ [name]: value, host: 'localhost' }, { trustedProxies });
    expect(ingress).toMatchObject({ client, isForwarded: true, isUnattributed: false, isLocal: false });
  });

  it.each([
    ['x-forwarded-for', 'unknown'],
    ['forwarded', 'for=_hidden'],
    ['x-forwarded-proto', 'https'],
    ['x-forwarded-for', ''],
  ])('is not known when a trusted proxy names nobody: %s: %s', async (name, value) => {
    const ingress = await ingressOf({ [name]: value }, { trustedProxies: ['127.0.0.1'] });
    expect(ingress).toMatchObject({ isUnattributed: true, isLocal: false });
  });

  it('is not here when a proxy lives at the same address, for that may be its own request', async () => {
    const ingress = await ingressOf({ host: 'localhost' }, { trustedProxies: ['127.0.0.1'] });
    expect(ingress).toMatchObject({ isLocal: false, isUnattributed: false });
  });
});

describe('the name it asks for', () => {
  it.each([
    ['127.0.0.1:18789', loopback, true, true],
    ['localhost', loopback, true, true],
    ['[::1]:18789', loopback, true, true],
    ['192.168.1.5:18789', loopback, false, true],
    ['DESK.local:18789', loopback, false, true],
    ['gw.example', loopback, false, true],
    ['evil.example:18789', loopback, false, false],
    ['127.0.0.1.evil.example', loopback, false, false],
    ['localhost.evil.example', loopback, false, false],
    ['desk.tail1234.ts.net', loopback, false, false],
    ['desk.tail1234.ts.net', { kind: 'bind', bind: 'tailnet', address: '100.64.0.1' } as const, false, true],
  ])('%s', async (host, listener, isLocalHost, isOwnHost) => {
    const ingress = await ingressOf({ host }, { listener });
    expect(ingress).toMatchObject({ isLocalHost, isOwnHost, isLocal: isLocalHost });
  });
});

describe('a page', () => {
  it.each([
    ['http://localhost:3000', '127.0.0.1:1', true],
    ['https://127.0.0.1', 'localhost:1', true],
    ['http://localhost:3000', '192.168.1.5:1', false],
    ['http://192.168.1.5:1', '192.168.1.5:1', true],
    ['http://192.168.1.6:1', '192.168.1.5:1', false],
    ['http://desk.local:1', 'desk.local:1', true],
    ['http://evil.example:1', 'evil.example:1', false],
    ['https://gw.example', 'evil.example:1', true],
    ['https://gw.example.evil.example', '127.0.0.1', false],
    ['null', '127.0.0.1', false],
    ['file://', '127.0.0.1', false],
    ['chrome-extension://abc', '127.0.0.1', false],
    ['tauri://localhost', '127.0.0.1', false],
    ['http://localhost:3000\u0000', '127.0.0.1', false],
  ])('of %s that asks for %s', async (origin, host, isAllowed) => {
    const ingress = await ingressOf({ host });
    expect(isAllowedOrigin({ ...ingress, origin }, ['https://gw.example'])).toBe(isAllowed);
  });

  it('without an origin is none', async () => {
    expect(await ingressOf({ origin: '' })).toMatchObject({ origin: undefined });
  });
});
