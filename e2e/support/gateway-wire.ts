import { once } from 'node:events';

import { WebSocket } from 'ws';

interface Frame {
  readonly type: string;
  readonly id?: string;
  readonly ok?: boolean;
  readonly event?: string;
  readonly payload?: Readonly<Record<string, unknown>>;
  readonly error?: { readonly code: string; readonly message: string };
}

/** One answered request: `final` is the second answer of a method that answers twice. */
export interface Answer {
  readonly ok: boolean;
  readonly payload: Readonly<Record<string, unknown>>;
}

/** The gateway protocol as thin as it can be: requests, and whether the connection still is. */
export class GatewayWire {
  readonly #socket: WebSocket;
  readonly #waiting = new Map<string, (frame: Frame) => void>();
  readonly closed: Promise<void>;
  #lastId = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    this.closed = new Promise((resolve) => socket.once('close', () => resolve()));
    socket.on('error', () => undefined);
    socket.on('message', (data: Buffer) => {
      const frame = JSON.parse(data.toString('utf8')) as Frame;
      if (frame.type === 'res' && frame.id !== undefined) this.#waiting.get(frame.id)?.(frame);
    });
  }

  /** @throws Error when the gateway does not let it in. */
  static async open(port: number, token: string, scopes: readonly string[] = ['operator.admin']): Promise<GatewayWire> {
    const socket = new WebSocket(`ws://127.0.0.1:${port}`);
    const wire = new GatewayWire(socket);
    await once(socket, 'open');
    const answer = await wire.request('connect', {
      minProtocol: 4,
      maxProtocol: 4,
      client: { id: 'gateway-client', mode: 'backend', version: '0.0.0', platform: process.platform },
      caps: [],
      role: 'operator',
      scopes,
      auth: { token },
    });
    if (!answer.ok) throw new Error(`The gateway refused: ${JSON.stringify(answer.payload)}`);
    return wire;
  }

  /** The first answer, or the second for `final`. Rejects when the connection ends before. */
  request(method: string, params: unknown, which: 'first' | 'final' = 'first'): Promise<Answer> {
    this.#lastId += 1;
    const id = String(this.#lastId);
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    let answers = 0;
    this.#waiting.set(id, ({ ok = false, payload = {}, error }) => {
      answers += 1;
      if (ok && which === 'final' && answers === 1) return;
      this.#waiting.delete(id);
      resolve({ ok, payload: error === undefined ? payload : { ...error } });
    });
    void this.closed.then(() => reject(new Error('closed')));
    this.#socket.send(JSON.stringify({ type: 'req', id, method, params }));
    return promise;
  }

  async close(): Promise<void> {
    this.#socket.close();
    await this.closed;
  }
}
