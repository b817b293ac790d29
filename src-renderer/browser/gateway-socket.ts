import {
  GatewayProtocolClient,
  type GatewayProtocolRequestError,
  type GatewayProtocolSocket,
  type GatewayProtocolSocketHandlers,
} from '@openclaw/gateway-client/browser';

import type { ErrorInfo } from '../../src-main/contract/errors.ts';
import { SILENT, toConnectFailure, type Refusal } from './connect-failure.ts';

export type OpenSocket = (url: string, handlers: GatewayProtocolSocketHandlers) => GatewayProtocolSocket;

export interface SocketOptions {
  readonly url: string;
  readonly gateway: string;
  readonly token: string;
  readonly version: string;
  readonly platform: string;
  readonly instanceId: string;
  readonly open: OpenSocket;
  readonly now: () => number;
  readonly online: () => boolean;
  readonly onHello: (hello: unknown) => void;
  readonly onEvent: (event: string, payload: unknown) => void;
  /** Called once, also when it never opened. Not called after `close`. */
  readonly onLost: (cause: ErrorInfo) => void;
}

const HANDSHAKE_LIMIT_MS = 10_000;

/** One connection to the gateway, from the handshake to its end. It never reconnects by itself. */
export class GatewaySocket {
  readonly #options: SocketOptions;
  readonly #client: GatewayProtocolClient<undefined>;
  #refusal: Refusal | undefined;
  #ended = false;

  constructor(options: SocketOptions) {
    this.#options = options;
    this.#client = new GatewayProtocolClient<undefined>({
      createSocket: (handlers) => options.open(options.url, handlers),
      createRequestId: newId,
      buildConnectPlan: () => undefined,
      buildConnectParams: () => this.#connectParams(),
      onHello: options.onHello,
      onConnectFailure: (error) => this.#refused(error),
      onEvent: ({ event, payload }) => options.onEvent(event, payload),
      resolveClose: () => ({ retry: false, notify: true }),
      onClose: ({ code, socketOpened }) => this.#closed(code, socketOpened),
      handshake: { mode: 'require-challenge', timeoutMs: HANDSHAKE_LIMIT_MS },
      reconnect: { initialMs: 1_000, multiplier: 2, maxMs: 30_000 },
    });
    this.#client.start();
  }

  request(method: string, timeoutMs: number): Promise<unknown> {
    return this.#client.request(method, undefined, { timeoutMs });
  }

  /** Ends it because no answer comes: the closing handshake is not waited for. */
  giveUp(): void {
    this.#closed(SILENT, true);
    this.#client.stop();
  }

  close(): void {
    this.#ended = true;
    this.#client.stop();
  }

  #connectParams(): unknown {
    const { version, platform, instanceId, token } = this.#options;
    return {
      minProtocol: 4,
      maxProtocol: 4,
      client: { id: 'openclaw-control-ui', version, platform, mode: 'webchat', instanceId },
      caps: [],
      role: 'operator',
      scopes: ['operator.read'],
      // A gateway asks for a token or for a password, and a person need not know which.
      auth: { token, password: token },
    };
  }

  #refused(error: GatewayProtocolRequestError): { closeCode: number; closeReason: string; stop: boolean } {
    this.#refusal = { code: error.gatewayCode, details: error.details, retryAfterMs: error.retryAfterMs };
    return { closeCode: SILENT, closeReason: 'refused', stop: true };
  }

  #closed(closeCode: number, opened: boolean): void {
    if (this.#ended) return;
    this.#ended = true;
    const { url, gateway, now, online, onLost } = this.#options;
    onLost(
      toConnectFailure({
        url,
        gateway,
        nowMs: now(),
        online: online(),
        opened,
        closeCode,
        refusal: this.#refusal,
      }),
    );
  }
}

/** `crypto.randomUUID` is absent on plain `http`. */
export function newId(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** The browser's own WebSocket in the form the protocol client wants. */
export const openWebSocket: OpenSocket = (url, handlers) => {
  const socket = new WebSocket(url);
  socket.addEventListener('open', () => handlers.open());
  socket.addEventListener('message', ({ data }) => handlers.message(typeof data === 'string' ? data : ''));
  socket.addEventListener('close', ({ code, reason }) => handlers.close(code, reason));
  return {
    isOpen: () => socket.readyState === WebSocket.OPEN,
    send: (text) => socket.send(text),
    close: (code, reason) => socket.close(allowed(code), reason),
  };
};

/** A page may close with 1000 or from 3000 on; anything else throws. */
function allowed(code: number | undefined): number {
  return code !== undefined && code >= 3_000 && code < 5_000 ? code : 1_000;
}
