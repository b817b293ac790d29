import { describe, expect, it } from 'vitest';

import { createBrowserBridge } from './browser-bridge.ts';
import { BrowserSession } from './browser-session.ts';
import type { OpenSocket } from './gateway-socket.ts';

interface Sent {
  readonly id: string;
  readonly method: string;
  readonly params?: { readonly auth?: object };
}

/** Time that stands still until it is moved, and a socket whose other end is played by the test. */
function scripted(remembered?: string, url = 'ws://127.0.0.1:18789') {
  const tokens = { value: remembered };
  const time = { nowMs: 1_000_000, tasks: new Set<{ readonly atMs: number; readonly run: () => void }>() };
  const peers: { handlers: Parameters<OpenSocket>[1]; sent: Sent[]; open: boolean }[] = [];
  const open: OpenSocket = (_url, handlers) => {
    const peer = { handlers, sent: [] as Sent[], open: true };
    peers.push(peer);
    return {
      isOpen: () => peer.open,
      send: (text) => peer.sent.push(JSON.parse(text) as Sent),
      close: (code = 1_000, reason = '') => {
        if (!peer.open) return;
        peer.open = false;
        handlers.close(code, reason);
      },
    };
  };
  const session = new BrowserSession({
    url,
    host: '127.0.0.1:18789',
    version: '1',
    platform: 'test',
    tokens: {
      read: () => tokens.value,
      write: (token) => (tokens.value = token),
      forget: () => (tokens.value = undefined),
    },
    open,
    now: () => time.nowMs,
    after: (delayMs, run) => {
      const task = { atMs: time.nowMs + delayMs, run };
      time.tasks.add(task);
      return () => time.tasks.delete(task);
    },
    random: () => 0.5,
    online: () => true,
  });
  return { session, tokens, time, peers };
}

type Scripted = ReturnType<typeof scripted>;

const settled = async (): Promise<void> => {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
};

function last({ peers }: Scripted) {
  const peer = peers.at(-1);
  if (peer === undefined) throw new TypeError('nothing was opened');
  return peer;
}

function reply(scene: Scripted, method: string, answer: { ok: boolean; payload?: unknown; error?: unknown }): void {
  const peer = last(scene);
  const request = peer.sent.find((sent) => sent.method === method);
  if (request === undefined) throw new TypeError(`${method} was not asked`);
  peer.sent = peer.sent.filter((sent) => sent !== request);
  peer.handlers.message(JSON.stringify({ type: 'res', id: request.id, ...answer }));
}

async function challenge(scene: Scripted): Promise<void> {
  const { handlers } = last(scene);
  handlers.open();
  handlers.message(JSON.stringify({ type: 'event', event: 'connect.challenge', payload: { nonce: 'n', ts: 1 } }));
  await settled();
}

const HELLO = {
  type: 'hello-ok',
  protocol: 4,
  server: { version: '9' },
  snapshot: { uptimeMs: 5_000, presence: [{ host: 'studio', mode: 'gateway' }] },
};

async function connect(scene: Scripted): Promise<void> {
  await challenge(scene);
  reply(scene, 'connect', { ok: true, payload: HELLO });
  await settled();
  reply(scene, 'health', { ok: true, payload: { ok: true } });
  await settled();
}

async function refuse(scene: Scripted, code: string, retryAfterMs?: number): Promise<void> {
  await challenge(scene);
  reply(scene, 'connect', {
    ok: false,
    error: { code: 'INVALID_REQUEST', message: 'no', details: { code }, retryAfterMs },
  });
  await settled();
}

async function pass({ time }: Scripted, ms: number): Promise<void> {
  time.nowMs += ms;
  for (const task of time.tasks) {
    if (task.atMs > time.nowMs) continue;
    time.tasks.delete(task);
    task.run();
  }
  await settled();
}

describe('the session of a page', () => {
  it('opens nothing without a token', () => {
    const scene = scripted();
    scene.session.start();
    expect(scene.peers).toEqual([]);
    expect(scene.session.read().state.status).toBe('signed-out');
  });

  it('asks once whether it needs a token where the gateway may be told who comes', async () => {
    const scene = scripted(undefined, 'wss://desk.tail1.ts.net');
    scene.session.start();
    await refuse(scene, 'DEVICE_IDENTITY_REQUIRED');
    expect(scene.session.read().state).toEqual({ status: 'signed-out', cause: undefined });
    expect(scene.peers).toHaveLength(1);
    expect(scene.time.tasks.size).toBe(0);
  });

  it('needs no token where the gateway knows who comes, and asks for one when it no longer does', async () => {
    const scene = scripted(undefined, 'wss://desk.tail1.ts.net');
    scene.session.start();
    await connect(scene);
    expect(scene.session.read()).toMatchObject({ state: { status: 'connected' }, accepted: true });
    expect(scene.tokens.value).toBeUndefined();
    last(scene).handlers.close(4001, 'gateway auth changed');
    await pass(scene, 1_000);
    await refuse(scene, 'DEVICE_IDENTITY_REQUIRED');
    expect(scene.session.read().state).toMatchObject({
      status: 'signed-out',
      cause: { code: 'gateway/token-missing' },
    });
    scene.session.close();
  });

  it('connects, keeps the accepted token, and measures every 10 s', async () => {
    const scene = scripted();
    scene.session.signIn('right');
    expect(scene.tokens.value).toBeUndefined();
    await connect(scene);
    expect(scene.tokens.value).toBe('right');
    expect(scene.session.read()).toMatchObject({ state: { status: 'connected' }, gatewayName: 'studio' });
    await pass(scene, 10_000);
    reply(scene, 'health', { ok: true });
    await settled();
    expect(scene.session.read().samples).toHaveLength(2);
    scene.session.close();
    expect(scene.time.tasks.size).toBe(0);
  });

  it('stops at a wrong token and forgets a stored one', async () => {
    const scene = scripted('stale');
    scene.session.start();
    await refuse(scene, 'AUTH_TOKEN_MISMATCH');
    expect(scene.session.read().state).toMatchObject({
      status: 'signed-out',
      cause: { code: 'gateway/token-mismatch' },
    });
    expect(scene.tokens.value).toBeUndefined();
    await pass(scene, 600_000);
    expect(scene.peers).toHaveLength(1);
    expect(scene.time.tasks.size).toBe(0);
  });

  it('waits 0.5 s, then longer, at most 30 s', async () => {
    const scene = scripted('right');
    scene.session.start();
    await connect(scene);
    const waits: number[] = [];
    for (let attempt = 0; attempt < 9; attempt += 1) {
      last(scene).handlers.close(1_006, '');
      const { state } = scene.session.read();
      if (state.status !== 'waiting') throw new TypeError(state.status);
      waits.push(state.retryAtMs - scene.time.nowMs);
      await pass(scene, state.retryAtMs - scene.time.nowMs);
    }
    expect(waits).toEqual([500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
    scene.session.close();
  });

  it('waits a lockout out, also when the computer wakes', async () => {
    const scene = scripted('right');
    scene.session.start();
    await refuse(scene, 'AUTH_RATE_LIMITED', 60_000);
    scene.session.wake();
    await pass(scene, 60_500);
    expect(scene.peers).toHaveLength(1);
    await pass(scene, 500);
    expect(scene.peers).toHaveLength(2);
    scene.session.close();
  });

  it('gives up a gateway that does not answer the opening', async () => {
    const scene = scripted('right');
    scene.session.start();
    await pass(scene, 12_000);
    expect(scene.session.read().state).toMatchObject({ status: 'waiting', cause: { code: 'gateway/silent' } });
    scene.session.close();
  });

  it('follows presence, and hears nothing of an old connection', async () => {
    const scene = scripted('right');
    scene.session.start();
    await connect(scene);
    const old = last(scene).handlers;
    const event = { type: 'event', event: 'presence', payload: { presence: [{ host: 'ipad' }] } };
    old.message(JSON.stringify(event));
    expect(scene.session.read().facts?.presence.map(({ label }) => label)).toEqual(['ipad']);
    scene.session.signOut();
    const line = scene.session.read();
    old.message(JSON.stringify(event));
    old.close(1_006, '');
    expect(scene.session.read()).toBe(line);
    expect(scene.tokens.value).toBeUndefined();
  });
});

describe('the bridge of a page', () => {
  const page = { version: '1', startedAtMs: 0, host: '127.0.0.1:18789', url: 'ws://127.0.0.1:18789' };

  it('tells one gateway, three hops, and what comes', async () => {
    const scene = scripted('right');
    const bridge = createBrowserBridge(scene.session, page);
    const told: number[] = [];
    const stop = bridge.listen('snapshot.changed', ({ revision }) => told.push(revision));
    scene.session.start();
    await connect(scene);
    const result = await bridge.call('snapshot.get', undefined);
    const [gateway] = result.ok ? result.value.gateways : [];
    expect(gateway).toMatchObject({ name: 'studio', kind: 'direct', state: { status: 'connected' } });
    expect(gateway?.hops.map(({ hop, state }) => [hop, state])).toEqual([
      ['here', 'here'],
      ['gateway', 'connected'],
      ['exposure', 'unreached'],
    ]);
    expect(told.length).toBeGreaterThan(1);
    expect(told).toEqual(told.toSorted((a, b) => a - b));
    stop();
    scene.session.close();
  });

  it('never tells the token', async () => {
    const scene = scripted();
    scene.session.signIn('s3cret-s3cret');
    await connect(scene);
    const result = await createBrowserBridge(scene.session, page).call('snapshot.get', undefined);
    expect(JSON.stringify(result)).not.toContain('s3cret');
    scene.session.close();
  });

  it('says of everything else that it needs the app', async () => {
    const bridge = createBrowserBridge(scripted().session, page);
    expect(await bridge.call('gateway.off', undefined)).toEqual({
      ok: false,
      error: { code: 'app/not-here', params: { call: 'gateway.off' } },
    });
  });
});
