import type { Server } from 'node:http';

import { WebSocketServer, type WebSocket } from 'ws';

interface Request {
  readonly id: string;
  readonly method: string;
  readonly params?: {
    readonly auth?: { readonly token?: string };
    readonly client?: object;
    readonly scopes?: unknown;
  };
}

export interface Refusal {
  readonly code: string;
  readonly retryAfterMs?: number;
}

/** As much of a gateway of protocol 4 as the page needs, on the server of the page. */
export class FakeGateway {
  readonly #server: WebSocketServer;
  readonly token = 'right-token-right-token';
  /** What the page said about itself at each connect. */
  readonly connects: Request['params'][] = [];
  refusal: Refusal | undefined;

  constructor(http: Server) {
    this.#server = new WebSocketServer({ server: http });
    this.#server.on('connection', (socket) => this.#greet(socket));
  }

  drop(): void {
    for (const socket of this.#server.clients) socket.close(1012, 'service restart');
  }

  tell(event: string, payload: unknown): void {
    for (const socket of this.#server.clients) socket.send(JSON.stringify({ type: 'event', event, payload, seq: 1 }));
  }

  async close(): Promise<void> {
    for (const socket of this.#server.clients) socket.terminate();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #greet(socket: WebSocket): void {
    socket.send(
      JSON.stringify({ type: 'event', event: 'connect.challenge', payload: { nonce: 'n-1', ts: Date.now() } }),
    );
    socket.on('message', (data: Buffer) => {
      const request = JSON.parse(data.toString('utf8')) as Request;
      if (request.method === 'connect') this.#connect(socket, request);
      else socket.send(JSON.stringify({ type: 'res', id: request.id, ok: true, payload: answerTo(request.method) }));
    });
  }

  #connect(socket: WebSocket, { id, params }: Request): void {
    this.connects.push(params);
    const wrong: Refusal | undefined = params?.auth?.token === this.token ? undefined : { code: 'AUTH_TOKEN_MISMATCH' };
    const refusal = this.refusal ?? wrong;
    if (refusal === undefined) return socket.send(JSON.stringify({ type: 'res', id, ok: true, payload: HELLO }));
    const error = {
      code: 'INVALID_REQUEST',
      message: 'unauthorized',
      details: { code: refusal.code },
      retryAfterMs: refusal.retryAfterMs,
    };
    socket.send(JSON.stringify({ type: 'res', id, ok: false, error }));
    socket.close(1008, 'unauthorized');
  }
}

const PRESENCE = [
  { host: 'studio', mode: 'gateway', version: '2026.9.6', reason: 'self', instanceId: 'self', ts: Date.now() },
];

const HELLO = {
  type: 'hello-ok',
  protocol: 4,
  server: { version: '2026.9.6', connId: 'c-1' },
  features: { methods: ['health', 'system-presence'], events: ['presence', 'tick'] },
  snapshot: { presence: PRESENCE, health: {}, stateVersion: { presence: 1, health: 1 }, uptimeMs: 7_500_000 },
  auth: { role: 'operator', scopes: ['operator.read'] },
  policy: { maxPayload: 1_000_000, maxBufferedBytes: 1_000_000, tickIntervalMs: 30_000 },
};

function answerTo(method: string): unknown {
  return method === 'system-presence' ? PRESENCE : { ok: true };
}
