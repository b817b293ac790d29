import { STATUS_CODES, type IncomingMessage, type Server } from 'node:http';
import type { BlockList } from 'node:net';
import type { Duplex } from 'node:stream';

import { WebSocketServer, type WebSocket } from 'ws';

import { Connection, type ConnectionDeps } from '../protocol/connection.ts';
import type { Hub } from '../protocol/hub.ts';
import { MAX_PAYLOAD_BEFORE_CONNECT, MAX_WAITING_PER_ADDRESS, POLICY } from '../protocol/policy.ts';
import { PROXY_REFUSAL, UNAUTHORIZED } from '../http/refusals.ts';
import { readIngress, type Ingress } from './ingress.ts';

export interface SocketServerDeps extends Omit<ConnectionDeps, 'onAdmitted'> {
  readonly hub: Hub;
  readonly trustedProxies: BlockList;
}

/** Takes WebSocket upgrades on any path of the servers and keeps strangers within bounds. */
export class SocketServer {
  readonly #deps: SocketServerDeps;
  readonly #upgrader = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_PAYLOAD_BEFORE_CONNECT,
    perMessageDeflate: false,
  });
  /** Sockets that were not let in yet, by address. */
  readonly #waiting = new Map<string, Set<Connection>>();

  constructor(deps: SocketServerDeps) {
    this.#deps = deps;
  }

  attach(server: Server): void {
    server.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head));
  }

  /** Ends whoever is still waiting to be let in. */
  stop(): void {
    for (const connections of this.#waiting.values()) for (const each of connections) each.terminate();
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const ingress = readIngress(request, this.#deps.trustedProxies);
    socket.on('error', (error) => this.#deps.log.debug('upgrade failed', { error }));
    if (ingress.isUnattributed) return refuse(socket, 403, JSON.stringify(PROXY_REFUSAL));
    // Any path is taken but this one: what lies there asks for the secret in HTTP first.
    if (request.url?.startsWith('/api/channels') === true) return refuse(socket, 401, JSON.stringify(UNAUTHORIZED));
    if ((this.#waiting.get(ingress.peer)?.size ?? 0) >= MAX_WAITING_PER_ADDRESS) return refuse(socket, 503, '');
    this.#upgrader.handleUpgrade(request, socket, head, (webSocket) => this.#opened(webSocket, ingress));
  }

  #opened(socket: WebSocket, ingress: Ingress): void {
    const { hub } = this.#deps;
    const connection: Connection = new Connection(socket, ingress, {
      ...this.#deps,
      onAdmitted: () => {
        this.#leaveWaiting(ingress.peer, connection);
        raisePayloadLimit(socket);
        hub.add(connection);
      },
    });
    const waiting = this.#waiting.get(ingress.peer) ?? new Set();
    this.#waiting.set(ingress.peer, waiting.add(connection));
    socket.once('close', () => {
      this.#leaveWaiting(ingress.peer, connection);
      hub.remove(connection);
    });
  }

  #leaveWaiting(peer: string, connection: Connection): void {
    const waiting = this.#waiting.get(peer);
    waiting?.delete(connection);
    if (waiting?.size === 0) this.#waiting.delete(peer);
  }
}

/**
 * ws takes one limit per server, and a client that was let in may send more than a stranger. The receiver reads this
 * field for every frame; a test sends a large frame, so a change of ws does not pass unnoticed.
 */
function raisePayloadLimit(socket: WebSocket): void {
  const receiver = (socket as unknown as { _receiver?: { _maxPayload: number } })._receiver;
  if (receiver !== undefined) receiver._maxPayload = POLICY.maxPayload;
}

function refuse(socket: Duplex, status: number, body: string): void {
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
    'Connection: close',
    'Content-Type: application/json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}
