import { STATUS_CODES, type IncomingMessage, type Server } from 'node:http';
import type { Duplex } from 'node:stream';

import { WebSocketServer, type WebSocket } from 'ws';

import { addressKey } from '../auth/client-key.ts';
import { ingressFault, UNAUTHORIZED, type Refusal } from '../http/refusals.ts';
import { Connection, type ConnectionDeps } from '../protocol/connection.ts';
import type { Hub } from '../protocol/hub.ts';
import { MAX_PAYLOAD_BEFORE_CONNECT, MAX_WAITING_PER_ADDRESS, POLICY } from '../protocol/policy.ts';
import type { Ingress, IngressReader } from './ingress.ts';
import type { Listener } from './listener.ts';

export interface SocketServerDeps extends Omit<ConnectionDeps, 'onAdmitted'> {
  readonly hub: Hub;
  readonly ingress: IngressReader;
}

/** How long a client has to answer a close before its socket is ended. */
const CLOSE_LIMIT_MS = 5_000;

const WS_OPTIONS = {
  noServer: true,
  maxPayload: MAX_PAYLOAD_BEFORE_CONNECT,
  perMessageDeflate: false,
  // An option of ws 8.19 and later that its published types do not know yet.
  closeTimeout: CLOSE_LIMIT_MS,
};

/** Takes WebSocket upgrades on any path of the servers and keeps strangers within bounds. */
export class SocketServer {
  readonly #deps: SocketServerDeps;
  readonly #upgrader = new WebSocketServer(WS_OPTIONS);
  /** Sockets that were not let in yet, by address. */
  readonly #waiting = new Map<string, Set<Connection>>();
  readonly #closing = new Set<Listener | 'all'>();

  constructor(deps: SocketServerDeps) {
    this.#deps = deps;
  }

  attach(server: Server, listener: Listener): void {
    server.on('upgrade', (request, socket, head) => {
      const ingress = this.#deps.ingress.read(request, listener);
      this.#upgrade(request, { socket, head, ingress });
    });
  }

  /** Nobody new comes in from now on, at one listener or anywhere, by a connection that was there before either. */
  turnAway(code: number, reason: string, listener?: Listener): void {
    this.#closing.add(listener ?? 'all');
    for (const connection of this.#waitingAt(listener)) connection.close(code, reason);
  }

  /** Ends whoever is still waiting to be let in, and did not go when it was turned away. */
  stop(listener?: Listener): void {
    for (const connection of this.#waitingAt(listener)) connection.terminate();
    if (listener !== undefined) this.#closing.delete(listener);
  }

  #waitingAt(listener: Listener | undefined): readonly Connection[] {
    const all = [...this.#waiting.values()].flatMap((connections) => [...connections]);
    return listener === undefined ? all : all.filter((connection) => connection.listener === listener);
  }

  #upgrade(request: IncomingMessage, { socket, head, ingress }: Upgrade): void {
    socket.on('error', (error) => this.#deps.log.debug('upgrade failed', { error }));
    const fault = ingressFault(ingress, this.#deps.authenticator.mode);
    if (fault !== undefined) return refuse(socket, fault.status, fault.body);
    if (this.#closing.has('all') || this.#closing.has(ingress.listener)) return refuse(socket, 503);
    // Any path is taken but this one: what lies there asks for the secret in HTTP first.
    if (isProtectedPath(request.url ?? '')) return refuse(socket, 401, UNAUTHORIZED);
    const key = addressKey(ingress.client);
    if ((this.#waiting.get(key)?.size ?? 0) >= MAX_WAITING_PER_ADDRESS) return refuse(socket, 503);
    this.#upgrader.handleUpgrade(request, socket, head, (webSocket) => this.#opened(webSocket, ingress, key));
  }

  #opened(socket: WebSocket, ingress: Ingress, key: string): void {
    const { hub } = this.#deps;
    const connection: Connection = new Connection(socket, ingress, {
      ...this.#deps,
      onAdmitted: () => {
        this.#leaveWaiting(key, connection);
        raisePayloadLimit(socket);
        hub.add(connection);
      },
    });
    const waiting = this.#waiting.get(key) ?? new Set();
    this.#waiting.set(key, waiting.add(connection));
    socket.once('close', () => {
      this.#leaveWaiting(key, connection);
      hub.remove(connection);
    });
  }

  #leaveWaiting(key: string, connection: Connection): void {
    const waiting = this.#waiting.get(key);
    waiting?.delete(connection);
    if (waiting?.size === 0) this.#waiting.delete(key);
  }
}

interface Upgrade {
  readonly socket: Duplex;
  readonly head: Buffer;
  readonly ingress: Ingress;
}

/** `/api/channels` and what is below it; not `/api/channelsx`. */
function isProtectedPath(url: string): boolean {
  return /^\/api\/channels(?:[/?#]|$)/.test(url);
}

/**
 * ws takes one limit per server, and a client that was let in may send more than a stranger. The receiver reads this
 * field for every frame; a test sends a large frame, so a change of ws does not pass unnoticed.
 */
function raisePayloadLimit(socket: WebSocket): void {
  const receiver = (socket as unknown as { _receiver?: { _maxPayload: number } })._receiver;
  if (receiver !== undefined) receiver._maxPayload = POLICY.maxPayload;
}

function refuse(socket: Duplex, status: number, refusal?: Refusal): void {
  const body = refusal === undefined ? '' : JSON.stringify(refusal);
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
    'Connection: close',
    'Content-Type: application/json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy());
}
