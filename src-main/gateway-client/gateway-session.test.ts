import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';

import { afterEach, describe, expect, it } from 'vitest';
import { WebSocketServer, type WebSocket } from 'ws';

import { openGatewaySession, type SessionOptions } from './gateway-session.ts';

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

  it('does not connect at all without a secret', async () => {
    await expect(open('ws://127.0.0.1:1', { secret: undefined })).rejects.toMatchObject({
      info: { code: 'gateway/token-missing' },
    });
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
