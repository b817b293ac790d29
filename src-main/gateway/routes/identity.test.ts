import { afterEach, describe, expect, it } from 'vitest';

import type { OpenRoute, TailnetPeer } from '../../contract/exposure.ts';
import type { GatewayRunOptions } from '../../contract/gateway-host.ts';
import { nodeClock } from '../../platform/node-clock.ts';
import type { Clock, Logger } from '../../platform/ports.ts';
import type { SocketOwner } from '../../platform/socket-owner.ts';
import { FakeClock } from '../../platform/testing/fake-clock.ts';
import { nullLogger } from '../../platform/testing/null-logger.ts';
import type { RunningGateway } from '../gateway.ts';
import { controlUi, RawClient, runOptions, startTestGateway, TestDevice, TOKEN } from '../testing/gateway-harness.ts';
import { ANN, ann, byHerBrowser, HOST, TestTailnet } from '../testing/test-tailnet.ts';

let gateway: RunningGateway;
let tailnet: TestTailnet;
const told: unknown[] = [];
const log: Logger = { ...nullLogger, info: (_message, fields) => told.push(fields?.['doubt']), child: () => log };
afterEach(() => gateway.stop('test is over'));

interface Scene {
  readonly tailscale?: Partial<GatewayRunOptions['tailscale']>;
  readonly owner?: SocketOwner;
  readonly clock?: Clock;
  readonly tailnet?: TestTailnet;
}

async function openRoute({ tailscale = {}, owner, clock = nodeClock, tailnet: own = new TestTailnet() }: Scene = {}) {
  tailnet = own;
  told.length = 0;
  const options = { tailscale: { ...runOptions.tailscale, ...tailscale } };
  const ownerOf = owner && (() => Promise.resolve(owner));
  gateway = await startTestGateway(options, clock, { log, ...(ownerOf && { ownerOf }) });
  return gateway.openRoute({ mode: 'serve', host: HOST, tailnet });
}

/** What a page of this gateway does that has no token. */
async function openPage({ port }: OpenRoute, params: object = {}, headers: Record<string, string> = byHerBrowser) {
  const client = await RawClient.open(port, headers);
  return { client, hello: await client.connect({ client: controlUi, auth: undefined, ...params }) };
}

const bob: TailnetPeer = {
  userId: '2',
  login: 'bob@example.com',
  displayName: 'Bob',
  device: 'tablet',
  isTagged: false,
};

describe('the owner of this computer, who comes by Serve', () => {
  it('opens the page without a secret, and everybody sees who it is', async () => {
    const route = await openRoute();
    const { client, hello } = await openPage(route);
    expect(hello).toMatchObject({ ok: true, payload: { auth: { role: 'operator', scopes: ['operator.read'] } } });
    expect(await client.request('system-presence')).toMatchObject({
      payload: [
        { reason: 'self' },
        {
          ip: ANN,
          user: { id: '1', email: 'ann@example.com', name: 'Ann' },
          text: 'Control UI of ann@example.com (webchat, 2026.9.6)',
        },
      ],
    });
    expect(route.visitors()).toMatchObject([
      { address: ANN, login: 'ann@example.com', device: 'phone', signedIn: 'identity', refused: 0 },
    ]);
    client.socket.close();
  });

  it('is one person in letters large and small, and in letters that are not ASCII', async () => {
    const own = new TestTailnet();
    const route = await openRoute({ tailnet: own });
    for (const [header, login] of [
      ['ANN@Example.com', 'ann@example.com'],
      ['=?utf-8?q?j=C3=BCrgen=40example.com?=', 'jürgen@example.com'],
    ] as const) {
      own.peers.set(ANN, { ...ann, login });
      const { client, hello } = await openPage(route, {}, { ...byHerBrowser, 'tailscale-user-login': header });
      expect(hello).toMatchObject({ ok: true });
      client.socket.close();
    }
  });

  it('may send what Serve passes on unread', async () => {
    const route = await openRoute();
    const more = { 'x-real-ip': '203.0.113.7', 'x-forwarded-port': '1', tailscale_user_login: 'bob@example.com' };
    const { client, hello } = await openPage(route, {}, { ...byHerBrowser, ...more });
    expect(hello).toMatchObject({ ok: true });
    client.socket.close();
  });

  it('gets no token for the device it shows, and is not paired', async () => {
    const route = await openRoute();
    const client = await RawClient.open(route.port, byHerBrowser);
    const hello = await new TestDevice().connect(client, { client: controlUi, auth: {} });
    expect(hello).toMatchObject({ ok: true });
    expect(JSON.stringify(hello)).not.toContain('deviceToken');
    client.socket.close();
    const admin = await RawClient.open(gateway.port);
    await admin.connect({ scopes: ['operator.admin'] });
    expect(await admin.request('device.pair.list')).toMatchObject({ payload: { pending: [], paired: [] } });
    admin.socket.close();
  });

  it('is not asked about when a secret is shown, and a wrong one is not made good', async () => {
    const route = await openRoute();
    const { hello } = await openPage(route, { auth: { token: 'wrong' } });
    expect(hello).toMatchObject({ ok: false, error: { details: { code: 'AUTH_TOKEN_MISMATCH' } } });
    expect(route.visitors()).toMatchObject([{ signedIn: 'no', refused: 1 }]);
  });
});

describe('a page that is not of the route', () => {
  it('is not opened for who it is, though its origin may ask', async () => {
    const controlUiOptions = { ...runOptions.controlUi, allowedOrigins: ['https://gw.example'] };
    gateway = await startTestGateway({ controlUi: controlUiOptions });
    const route = await gateway.openRoute({ mode: 'serve', host: HOST, tailnet: new TestTailnet() });
    const headers = { ...byHerBrowser, origin: 'https://gw.example' };
    expect((await openPage(route, {}, headers)).hello).toMatchObject({ error: { code: 'NOT_PAIRED' } });
    const { client, hello } = await openPage(route, { auth: { token: TOKEN } }, headers);
    expect(hello).toMatchObject({ ok: true });
    client.socket.close();
  });

  it('is a program with a device, which says no origin', async () => {
    const route = await openRoute();
    const headers = Object.entries(byHerBrowser).filter(([name]) => name !== 'origin');
    const client = await RawClient.open(route.port, Object.fromEntries(headers));
    const hello = await new TestDevice().connect(client, { client: controlUi, auth: {} });
    expect(hello).toMatchObject({ ok: false, error: { details: { code: 'AUTH_TOKEN_MISSING' } } });
    expect(told).toContain('another page asks');
  });
});

describe('somebody else', () => {
  it('is let in once the configuration names the id, and never for the name alone', async () => {
    const route = await openRoute({ tailscale: { allowedUserIds: ['2'] } });
    const asBob = { ...byHerBrowser, 'tailscale-user-login': bob.login };
    tailnet.peers.set(ANN, bob);
    const { client, hello } = await openPage(route, {}, asBob);
    expect(hello).toMatchObject({ ok: true });
    tailnet.peers.set(ANN, { ...bob, userId: '3' });
    expect((await openPage(route, {}, asBob)).hello).toMatchObject({ ok: false });
    client.socket.close();
  });

  it.each<[string, Scene, Partial<TailnetPeer>, string | undefined]>([
    ['who is of no interest', { tailscale: { allowIdentity: false } }, {}, undefined],
    ['of another user', {}, { userId: '2' }, 'not an allowed person'],
    ['of another name', {}, { login: 'bob@example.com' }, 'another person than is named'],
    ['who is a tagged device', {}, { isTagged: true }, 'a tagged device'],
    ['whose program is another user’s', { owner: { status: 'known', uid: 4_242 } }, {}, 'another program asks'],
    ['whose program is not to be found', { owner: { status: 'unknown' } }, {}, 'another program asks'],
  ])('%s hears that a secret is needed, and the log says why', async (_name, scene, peer, doubt) => {
    const route = await openRoute(scene);
    tailnet.peers.set(ANN, { ...ann, ...peer });
    const { client, hello } = await openPage(route);
    expect(hello.error).toEqual({
      code: 'NOT_PAIRED',
      message: 'device identity required',
      details: { code: 'DEVICE_IDENTITY_REQUIRED' },
    });
    expect(await client.closed).toMatchObject({ code: 1008 });
    expect(told.filter((each) => each !== undefined)).toEqual(doubt === undefined ? [] : [doubt]);
    expect(route.visitors()).toMatchObject([{ signedIn: 'no', refused: 0 }]);
  });

  it('is nobody where the platform does not tell whose a program is', async () => {
    const route = await openRoute({ owner: { status: 'untold' } });
    const { client, hello } = await openPage(route);
    expect(hello).toMatchObject({ ok: true });
    client.socket.close();
  });

  it('is nobody’s owner on a tagged computer', async () => {
    const own = new TestTailnet();
    own.me = { ...own.me, userId: undefined };
    const route = await openRoute({ tailnet: own });
    expect((await openPage(route)).hello).toMatchObject({ ok: false });
  });
});

describe('whoever was let in for who it is', () => {
  it.each<[string, Partial<GatewayRunOptions['tailscale']>, boolean]>([
    ['goes when that no longer counts', { allowIdentity: false }, false],
    ['goes when the person is taken off the list', { allowedUserIds: [] }, false],
    ['stays when something else changes', { allowedUserIds: ['9', '2'], port: 8443 }, true],
  ])('%s', async (_name, change, stays) => {
    const route = await openRoute({ tailscale: { allowedUserIds: ['2'] } });
    tailnet.peers.set(ANN, bob);
    const { client } = await openPage(route, {}, { ...byHerBrowser, 'tailscale-user-login': bob.login });
    const here = await RawClient.open(gateway.port);
    await here.connect();
    gateway.reload({ ...runOptions, tailscale: { ...runOptions.tailscale, allowedUserIds: ['2'], ...change } });
    const answer = client.request('health').then(
      ({ ok }) => ok,
      () => false,
    );
    expect(await (stays ? answer : client.closed)).toEqual(stays || { code: 4001, reason: 'gateway auth changed' });
    expect(await here.request('health')).toMatchObject({ ok: true });
    for (const { socket } of [client, here]) socket.close();
  });

  it('is not let in by an answer that came after the person was taken off the list', async () => {
    const own = new TestTailnet();
    const answer = Promise.withResolvers<TailnetPeer>();
    const asked = Promise.withResolvers<void>();
    const route = await openRoute({ tailnet: own });
    const client = await RawClient.open(route.port, byHerBrowser);
    own.whois = () => {
      asked.resolve();
      return answer.promise;
    };
    const hello = client.connect({ client: controlUi, auth: undefined });
    await asked.promise;
    gateway.reload({ ...runOptions, tailscale: { ...runOptions.tailscale, allowIdentity: false } });
    answer.resolve(ann);
    expect(await hello).toMatchObject({ ok: false });
    expect(await client.closed).toMatchObject({ code: 1008 });
  });

  it.each<[string, (own: TestTailnet) => unknown]>([
    ['the address is another person’s', (own) => own.peers.set(ANN, { ...bob, userId: '3' })],
    ['the address is another person’s who may come as well', (own) => own.peers.set(ANN, bob)],
    ['the device was tagged', (own) => own.peers.set(ANN, { ...ann, isTagged: true })],
    ['the address is gone', (own) => own.peers.delete(ANN)],
  ])('goes within a minute once %s', async (_name, change) => {
    const clock = new FakeClock(Date.now());
    const route = await openRoute({ clock, tailscale: { allowedUserIds: [bob.userId] } });
    const { client } = await openPage(route);
    await clock.advance(60_000);
    expect(await client.request('health')).toMatchObject({ ok: true });
    change(tailnet);
    await clock.advance(60_000);
    expect(await client.closed).toMatchObject({ code: 4001 });
    await gateway.stop('test is over');
    expect(clock.pendingTimers).toBe(0);
  });
});

it('sends nobody away while Tailscale restarts, but does not go on without it', async () => {
  const clock = new FakeClock(Date.now());
  const route = await openRoute({ clock });
  const { client } = await openPage(route);
  const whois = tailnet.whois.bind(tailnet);
  const silence = (): Promise<never> => Promise.reject(new Error('daemon is gone'));
  const minutes = async (count: number): Promise<void> => {
    for (let minute = 0; minute < count; minute += 1) await clock.advance(60_000);
  };
  tailnet.whois = silence;
  await minutes(2);
  tailnet.whois = whois;
  await minutes(1);
  tailnet.whois = silence;
  await minutes(2);
  expect(await client.request('health')).toMatchObject({ ok: true });
  await minutes(1);
  expect(await client.closed).toMatchObject({ code: 4001 });
});

it('waits for an answer about somebody for 5 s', async () => {
  const clock = new FakeClock(Date.now());
  const own = new TestTailnet();
  own.self = () => new Promise(() => {});
  const asked = Promise.withResolvers<void>();
  const route = await openRoute({ clock, tailnet: own });
  const client = await RawClient.open(route.port, byHerBrowser);
  own.whois = () => {
    asked.resolve();
    return Promise.resolve(ann);
  };
  const hello = client.connect({ client: controlUi, auth: undefined });
  await asked.promise;
  await clock.advance(5_000);
  expect(await hello).toMatchObject({ ok: false });
  expect(told).toContain('it took too long');
});
