import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';

import { afterEach, describe, expect, it } from 'vitest';
import { WebSocketServer, type WebSocket } from 'ws';

import { nullLogger } from '../platform/testing/null-logger.ts';
import { mayShowDeviceToken, openGatewaySession, type SessionOptions } from './gateway-session.ts';
import { KeptDevice } from './kept-device.ts';

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

/** A server that speaks only as much of the protocol as a session needs. */
async function serve(answer: (frame: { id: string; method: string; params: never }, socket: WebSocket) => void) {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  await new Promise((resolve) => server.once('listening', resolve));
  const headers: unknown[] = [];
  server.on('connection', (socket, request) => {
    headers.push(request.headers);
    socket.send(JSON.stringify({ type: 'event', event: 'connect.challenge', payload: { nonce: 'n', ts: 1 } }));
    socket.on('message', (data: Buffer) => answer(JSON.parse(data.toString('utf8')), socket));
  });
  closers.push(() => {
    for (const socket of server.clients) socket.terminate();
    return new Promise((resolve) => server.close(resolve));
  });
  return { url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`, headers };
}

const open = (url: string, options: Partial<SessionOptions> = {}, signal = new AbortController().signal) =>
  openGatewaySession(
    {
      url,
      tlsFingerprint: undefined,
      gateway: 'Studio',
      secret: 's',
      version: '1',
      platform: 'linux',
      computer: 'laptop',
      onEvent: () => {},
      ...options,
    },
    signal,
  );

interface Shown {
  readonly auth?: object;
  readonly client?: object;
  readonly device?: object;
}

function deviceInMemory() {
  const secrets = new Map<string, string>();
  const device = new KeptDevice('g1', {
    secrets: {
      get: async (name) => secrets.get(name),
      set: async (name, value) => void secrets.set(name, value),
      delete: async (name) => void secrets.delete(name),
    },
    log: nullLogger,
    onSecret: () => {},
  });
  const tokenOf = async (): Promise<string | undefined> => {
    const { deviceId } = await device.identity();
    const kept = await device.tokens.load({ clientId: 'gateway-client', deviceId, role: 'operator' });
    return kept?.token;
  };
  return { device, tokenOf };
}

const helloOk = { type: 'hello-ok', protocol: 4, server: { version: '9' }, snapshot: { uptimeMs: 0, presence: [] } };

const greet = (frame: { id: string; method: string }, socket: WebSocket): void => {
  const payload = frame.method === 'connect' ? helloOk : { ok: true };
  socket.send(JSON.stringify({ type: 'res', id: frame.id, ok: true, payload }));
};

describe('a session', () => {
  it('answers the challenge, sends no Origin, and calls', async () => {
    const { url, headers } = await serve(greet);
    const session = await open(url);
    expect(session.hello.version).toBe('9');
    expect(await session.request('health', undefined, 1_000)).toEqual({ ok: true });
    expect(headers[0]).not.toHaveProperty('origin');
    await session.close();
    expect(await session.lost).toMatchObject({ info: { code: 'gateway/closed' } });
  });

  it('says what the gateway said when it refuses', async () => {
    const { url } = await serve((frame, socket) => {
      const error = { code: 'INVALID_REQUEST', message: 'no', details: { code: 'AUTH_TOKEN_MISMATCH' } };
      socket.send(JSON.stringify({ type: 'res', id: frame.id, ok: false, error }));
    });
    await expect(open(url)).rejects.toMatchObject({ info: { code: 'gateway/token-mismatch' } });
  });

  it('asks without a secret too, and says when one is wanted', async () => {
    const shown: unknown[] = [];
    const { url } = await serve((frame, socket) => {
      shown.push(frame.params);
      const error = { code: 'INVALID_REQUEST', message: 'no', details: { code: 'AUTH_TOKEN_MISSING' } };
      socket.send(JSON.stringify({ type: 'res', id: frame.id, ok: false, error }));
    });
    await expect(open(url, { secret: undefined })).rejects.toMatchObject({ info: { code: 'gateway/token-missing' } });
    expect(shown).toHaveLength(1);
    expect(shown[0]).not.toHaveProperty('auth');
  });

  it('shows its device with the secret, and keeps the token it is given for it', async () => {
    const shown: Shown[] = [];
    const { url } = await serve((frame, socket) => {
      if (frame.method === 'connect') shown.push(frame.params);
      const auth = { deviceToken: 'for-this-device', role: 'operator', scopes: ['operator.read'] };
      const payload = frame.method === 'connect' ? { ...helloOk, auth } : { ok: true };
      socket.send(JSON.stringify({ type: 'res', id: frame.id, ok: true, payload }));
    });
    const { device, tokenOf } = deviceInMemory();
    await (await open(url, { device })).close();
    const { deviceId, publicKey } = await device.identity();
    expect(shown[0]).toMatchObject({
      auth: { token: 's' },
      client: { mode: 'ui' },
      device: { id: deviceId, publicKey },
    });
    expect(await tokenOf()).toBe('for-this-device');
    await (await open(url, { device, secret: undefined })).close();
    expect(shown[1]?.auth).toEqual({ token: 'for-this-device', deviceToken: 'for-this-device' });
  });

  describe('whose secret is refused', () => {
    /** A gateway that refuses the secret, and then answers with a code of its own or lets in. */
    async function refusing(second: string | undefined) {
      const shown: Shown[] = [];
      const { url } = await serve((frame, socket) => {
        const isFirst = shown.length === 0;
        if (frame.method === 'connect') shown.push(frame.params);
        const code = isFirst ? 'AUTH_TOKEN_MISMATCH' : second;
        const refused = { ok: false, error: { code: 'INVALID_REQUEST', message: 'no', details: { code } } };
        const answer = code === undefined ? { ok: true, payload: helloOk } : refused;
        socket.send(JSON.stringify({ type: 'res', id: frame.id, ...answer }));
      });
      const { device, tokenOf } = deviceInMemory();
      const { deviceId } = await device.identity();
      await device.tokens.store({ clientId: 'gateway-client', deviceId, role: 'operator', token: 'kept', scopes: [] });
      return { url, device, tokenOf, auths: () => shown.map(({ auth }) => auth) };
    }
    const BOTH = [{ token: 's' }, { token: 's', deviceToken: 'kept' }];

    it('is let in with the token of its device', async () => {
      const { url, device, tokenOf, auths } = await refusing(undefined);
      await (await open(url, { device })).close();
      expect(auths()).toEqual(BOTH);
      expect(await tokenOf()).toBe('kept');
    });

    it('tries a stale one once, and forgets it', async () => {
      const { url, device, tokenOf, auths } = await refusing('AUTH_DEVICE_TOKEN_MISMATCH');
      await expect(open(url, { device })).rejects.toMatchObject({ info: { code: 'gateway/token-mismatch' } });
      expect(auths()).toEqual(BOTH);
      await expect.poll(tokenOf).toBeUndefined();
    });
  });

  const WITH = ['ui', true];
  const WITHOUT = ['backend', false];
  it.each([
    ['INVALID_REQUEST', undefined, [WITH, WITHOUT]],
    ['INVALID_REQUEST', 'DEVICE_AUTH_SIGNATURE_INVALID', [WITH, WITHOUT]],
    ['NOT_PAIRED', 'PAIRING_REQUIRED', [WITH]],
    ['INVALID_REQUEST', 'CONTROL_UI_ORIGIN_NOT_ALLOWED', [WITH]],
  ])('comes as no device where the device itself is refused: %s %s', async (code, detail, expected) => {
    const shown: (Shown & { readonly client?: { readonly mode: string } })[] = [];
    const { url } = await serve((frame, socket) => {
      shown.push(frame.params);
      const isDevice = shown.at(-1)?.device !== undefined;
      const refused = { ok: false, error: { code, message: 'no', ...(detail && { details: { code: detail } }) } };
      const answer = isDevice ? refused : { ok: true, payload: helloOk };
      socket.send(JSON.stringify({ type: 'res', id: frame.id, ...answer }));
    });
    const session = await open(url, { device: deviceInMemory().device }).catch(() => undefined);
    await session?.close();
    expect(shown.map(({ client, device }) => [client?.mode, device !== undefined])).toEqual(expected);
    expect(session !== undefined).toBe(expected.includes(WITHOUT));
  });

  it.each([
    ['ws://127.0.0.1:1', undefined, true],
    ['wss://localhost:1', undefined, true],
    ['wss://studio.example', 'AB:CD', true],
    ['wss://studio.example', undefined, false],
    ['ws://192.168.1.5:1', undefined, false],
  ])('shows the token of its device to nobody who merely has the address: %s, pin %s: %s', (url, pin, may) => {
    expect(mayShowDeviceToken({ url, tlsFingerprint: pin })).toBe(may);
  });

  it('sends nothing where the key of its device cannot be read', async () => {
    const shown: unknown[] = [];
    const { url } = await serve((frame) => shown.push(frame));
    const { device } = deviceInMemory();
    const locked = { tokens: device.tokens, identity: () => Promise.reject(new Error('locked')) };
    await expect(open(url, { device: locked })).rejects.toThrow('locked');
    expect(shown).toEqual([]);
  });

  it('names a port on which nothing listens', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    await expect(open(`ws://127.0.0.1:${port}`)).rejects.toMatchObject({
      info: { code: 'gateway/unreachable', params: { reason: 'refused' } },
    });
  });

  it('ends at once when it is told to while the other side is silent', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    closers.push(() => new Promise((resolve) => server.close(resolve)));
    const abort = new AbortController();
    const opening = open(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`, {}, abort.signal);
    server.once('connection', () => abort.abort());
    await expect(opening).rejects.toMatchObject({ name: 'AppError' });
  });
});
