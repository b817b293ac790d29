import { randomUUID } from 'node:crypto';

import { GatewayProtocolClient, type GatewayProtocolRequestError } from '@openclaw/gateway-client/browser';
import { WebSocket } from 'ws';

import { AppError, fail } from '../contract/errors.ts';
import { certificateSeen, type CertificateSeen } from '../platform/checked-tls.ts';
import type { Kept } from '../platform/keeper.ts';
import { SILENT, toConnectFailure, type Refusal } from './connect-failure.ts';
import { checkedSocket } from './checked-socket.ts';
import { readHello, type HelloFacts } from './hello-facts.ts';

export interface SessionOptions {
  /** `ws://` or `wss://`, checked by `parseGatewayUrl`. */
  readonly url: string;
  /** SHA-256 of the one certificate it may show; without it, one that this computer trusts. */
  readonly tlsFingerprint: string | undefined;
  /** Name of the gateway, for sentences. */
  readonly gateway: string;
  readonly secret: string | undefined;
  /** Version of this app. */
  readonly version: string;
  readonly platform: string;
  /** Name of this computer, shown to others as who is connected. */
  readonly computer: string;
  readonly onEvent: (event: string, payload: unknown) => void;
}

/** One authenticated connection to a gateway. It never reconnects by itself. */
export interface GatewaySession extends Kept {
  readonly hello: HelloFacts;
  /** Rejects with the gateway's own error, or when no answer came within `timeoutMs`. */
  request(method: string, params: unknown, timeoutMs: number): Promise<unknown>;
  /** Ends it because the gateway went silent. */
  giveUp(): void;
}

const HANDSHAKE_TIMEOUT_MS = 10_000;
/** `policy.maxPayload` of the protocol is 25 MiB; larger frames are not ours to hold. */
const MAX_PAYLOAD_BYTES = 25 * 1024 * 1024;

/**
 * Connects, answers the challenge and waits for hello-ok.
 * No `Origin` header is sent: a gateway refuses those of desktop apps.
 *
 * @throws AppError `gateway/*` as `toConnectFailure` names it.
 */
export async function openGatewaySession(options: SessionOptions, signal: AbortSignal): Promise<GatewaySession> {
  if (options.secret === undefined) throw fail('gateway/token-missing', { gateway: options.gateway });
  const opening = new Opening(options);
  const abort = (): void => opening.socket?.terminate();
  signal.addEventListener('abort', abort, { once: true });
  if (signal.aborted) abort();
  try {
    return await opening.result;
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

/** The callbacks of one connection, from the first byte to the last. */
class Opening {
  readonly #options: SessionOptions;
  readonly #opened = Promise.withResolvers<GatewaySession>();
  readonly #lost = Promise.withResolvers<unknown>();
  readonly #client: GatewayProtocolClient<undefined>;
  readonly #deadline: NodeJS.Timeout;
  socket: WebSocket | undefined;
  #helloReceived = false;
  #socketCode: string | undefined;
  #certificate: CertificateSeen | undefined;
  #httpStatus: number | undefined;
  #refusal: Refusal | undefined;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#client = this.#createClient();
    this.#deadline = setTimeout(() => this.socket?.close(SILENT), HANDSHAKE_TIMEOUT_MS);
    this.#client.start();
  }

  get result(): Promise<GatewaySession> {
    return this.#opened.promise;
  }

  #createClient(): GatewayProtocolClient<undefined> {
    return new GatewayProtocolClient<undefined>({
      createSocket: (handlers) => {
        const socket = this.#connect();
        socket.on('open', handlers.open);
        socket.on('message', (data: Buffer) => handlers.message(data.toString('utf8')));
        socket.on('close', (code, reason) => handlers.close(code, reason.toString('utf8')));
        return {
          isOpen: () => socket.readyState === WebSocket.OPEN,
          send: (text) => socket.send(text),
          close: (code, reason) => socket.close(code, reason),
        };
      },
      createRequestId: randomUUID,
      buildConnectPlan: () => undefined,
      buildConnectParams: () => this.#connectParams(),
      onHello: (hello) => this.#greeted(hello),
      onConnectFailure: (error) => this.#refused(error),
      onEvent: ({ event, payload }) => this.#options.onEvent(event, payload),
      resolveClose: () => ({ retry: false, notify: true }),
      onClose: ({ code }) => this.#closed(code),
      handshake: { mode: 'require-challenge', timeoutMs: HANDSHAKE_TIMEOUT_MS },
      reconnect: { initialMs: 1_000, multiplier: 2, maxMs: 30_000 },
    });
  }

  #connect(): WebSocket {
    const { url, tlsFingerprint } = this.#options;
    const socket = checkedSocket(url, tlsFingerprint, MAX_PAYLOAD_BYTES);
    this.socket = socket;
    socket.on('error', (error: NodeJS.ErrnoException) => {
      this.#socketCode = error.code ?? this.#socketCode;
      this.#certificate = certificateSeen(error) ?? this.#certificate;
    });
    socket.on('unexpected-response', (request, response) => {
      this.#httpStatus = response.statusCode;
      request.destroy();
    });
    return socket;
  }

  #connectParams(): unknown {
    const { secret, version, platform, computer } = this.#options;
    return {
      minProtocol: 4,
      maxProtocol: 4,
      // The registry of client ids is closed; this pair keeps its scopes without a device identity.
      client: {
        id: 'gateway-client',
        displayName: `Gangway on ${computer}`,
        mode: 'backend',
        version,
        platform,
        instanceId: randomUUID(),
      },
      caps: [],
      role: 'operator',
      scopes: ['operator.read'],
      auth: { token: secret },
    };
  }

  #greeted(hello: unknown): void {
    clearTimeout(this.#deadline);
    this.#helloReceived = true;
    const lost = this.#lost.promise;
    this.#opened.resolve({
      hello: readHello(hello, Date.now()),
      lost,
      request: (method, params, timeoutMs) => this.#client.request(method, params, { timeoutMs }),
      giveUp: () => this.#end(SILENT),
      close: async () => {
        this.#end(1000);
        await lost;
      },
    });
  }

  #refused(error: GatewayProtocolRequestError): { closeCode: number; closeReason: string; stop: boolean } {
    this.#refusal = { code: error.gatewayCode, details: error.details, retryAfterMs: error.retryAfterMs };
    return { closeCode: 1008, closeReason: 'refused', stop: true };
  }

  /** A silent peer never completes the closing handshake, so it is cut off after a moment. */
  #end(code: number): void {
    const socket = this.socket;
    if (socket === undefined) return;
    if (code === SILENT) this.#closed(SILENT);
    socket.close(code);
    const cut = setTimeout(() => socket.terminate(), 250);
    socket.once('close', () => clearTimeout(cut));
  }

  #closed(closeCode: number): void {
    clearTimeout(this.#deadline);
    const { url, gateway } = this.#options;
    const failure = toConnectFailure({
      url,
      gateway,
      nowMs: Date.now(),
      socketCode: this.#socketCode,
      certificate: this.#certificate,
      httpStatus: this.#httpStatus,
      closeCode,
      helloReceived: this.#helloReceived,
      refusal: this.#refusal,
    });
    this.#opened.reject(new AppError(failure));
    this.#lost.resolve(new AppError(failure));
  }
}
