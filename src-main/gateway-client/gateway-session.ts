import { randomUUID } from 'node:crypto';

import {
  GatewayBrowserDeviceAuthLifecycle,
  GatewayProtocolClient,
  shouldRetryGatewayWithDeviceToken,
  type GatewayBrowserDeviceAuthPlan,
  type GatewayProtocolRequestError,
} from '@openclaw/gateway-client/browser';
import { readConnectErrorDetailCode } from '@openclaw/gateway-protocol/connect-error-details';
import { WebSocket } from 'ws';

import { AppError } from '../contract/errors.ts';
import { certificateSeen, type CertificateSeen } from '../platform/checked-tls.ts';
import type { Kept } from '../platform/keeper.ts';
import { SILENT, toConnectFailure, type Refusal } from './connect-failure.ts';
import { checkedSocket } from './checked-socket.ts';
import { readHello, type HelloFacts } from './hello-facts.ts';
import type { SessionDevice } from './kept-device.ts';
import { isLoopbackHost } from './plaintext.ts';

export interface SessionOptions {
  /** `ws://` or `wss://`, checked by `parseGatewayUrl`. */
  readonly url: string;
  /** SHA-256 of the one certificate it may show; without it, one that this computer trusts. */
  readonly tlsFingerprint: string | undefined;
  /** Name of the gateway, for sentences. */
  readonly gateway: string;
  readonly secret: string | undefined;
  /** Who this computer is to that gateway; without it the secret alone opens the connection. */
  readonly device?: SessionDevice | undefined;
  /** What the connection may do; `operator.read` unless said otherwise. */
  readonly scopes?: readonly string[];
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

const ROLE = 'operator';
/** The registry of client ids is closed, and has none for other programs than OpenClaw's own. */
const CLIENT_ID = 'gateway-client';

/**
 * Connects, answers the challenge and waits for hello-ok.
 * No `Origin` header is sent: a gateway refuses those of desktop apps.
 *
 * The secret of the gateway comes first and the token of this device in its place, as with the published client: where
 * there is no secret, or once where it was refused. Without either it asks all the same: some gateways want none. A
 * gateway that does not understand the device is asked once more without it.
 *
 * @throws AppError `gateway/*` as `toConnectFailure` names it, `secrets/unreadable`
 */
export async function openGatewaySession(options: SessionOptions, signal: AbortSignal): Promise<GatewaySession> {
  const opening = new Opening(options, 'secret');
  try {
    return await opened(opening, signal);
  } catch (error) {
    if (opening.secondTry === undefined || signal.aborted) throw error;
    if (opening.secondTry === 'device-token') return opened(new Opening(options, 'device-token'), signal);
    return opened(new Opening({ ...options, device: undefined }, 'secret'), signal);
  }
}

async function opened(opening: Opening, signal: AbortSignal): Promise<GatewaySession> {
  const abort = (): void => opening.socket?.terminate();
  signal.addEventListener('abort', abort, { once: true });
  if (signal.aborted) abort();
  try {
    return await opening.result;
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

type Plan = GatewayBrowserDeviceAuthPlan | undefined;
type ClientInfo = Parameters<GatewayBrowserDeviceAuthLifecycle['buildPlan']>[0]['client'];

const DEFAULT_SCOPES = ['operator.read'] as const;

/** A back end signs in with the secret alone, each time; an app is a device that is approved, seen and revoked. */
function clientInfo({ device, computer, version, platform }: SessionOptions): ClientInfo {
  const mode = device === undefined ? 'backend' : 'ui';
  return {
    id: CLIENT_ID,
    displayName: `Gangway on ${computer}`,
    mode,
    version,
    platform,
    instanceId: randomUUID(),
  };
}

/** Whether the token of this device may be tried where the secret was refused: at this computer, or at a pinned certificate. */
export function mayShowDeviceToken({ url, tlsFingerprint }: Pick<SessionOptions, 'url' | 'tlsFingerprint'>): boolean {
  return tlsFingerprint !== undefined || isLoopbackHost(new URL(url).hostname);
}

function isStale(errorDetails: unknown): boolean {
  return readConnectErrorDetailCode(errorDetails) === 'AUTH_DEVICE_TOKEN_MISMATCH';
}

/**
 * The signature or the key is not taken (`DEVICE_AUTH_…` of @openclaw/gateway-protocol 2026.9.6), or a gateway of another
 * age rejects the frame as malformed: the real one then answers INVALID_REQUEST without a detail code.
 */
function isDeviceRefused({ gatewayCode, details }: GatewayProtocolRequestError): boolean {
  const detail = readConnectErrorDetailCode(details);
  return detail === null ? gatewayCode === 'INVALID_REQUEST' : detail.startsWith('DEVICE_AUTH_');
}

/** The callbacks of one connection, from the first byte to the last. */
class Opening {
  readonly #options: SessionOptions;
  readonly #opened = Promise.withResolvers<GatewaySession>();
  readonly #lost = Promise.withResolvers<unknown>();
  readonly #first: 'secret' | 'device-token';
  readonly #deviceAuth: GatewayBrowserDeviceAuthLifecycle | undefined;
  readonly #about: ClientInfo;
  readonly #client: GatewayProtocolClient<Plan>;
  readonly #deadline: NodeJS.Timeout;
  socket: WebSocket | undefined;
  #helloReceived = false;
  #socketCode: string | undefined;
  #certificate: CertificateSeen | undefined;
  #httpStatus: number | undefined;
  #refusal: Refusal | undefined;
  /** What is worth one more try: the token of this device where the secret was refused, or to be no device. */
  secondTry: 'device-token' | 'no-device' | undefined;

  constructor(options: SessionOptions, first: 'secret' | 'device-token') {
    const { device } = options;
    this.#options = options;
    this.#first = first;
    this.#about = clientInfo(options);
    this.#deviceAuth =
      device &&
      new GatewayBrowserDeviceAuthLifecycle({ loadIdentity: () => device.identity(), tokenStore: device.tokens });
    this.#client = this.#createClient();
    this.#deadline = setTimeout(() => this.socket?.close(SILENT), HANDSHAKE_TIMEOUT_MS);
    this.#client.start();
  }

  get result(): Promise<GatewaySession> {
    return this.#opened.promise;
  }

  #createClient(): GatewayProtocolClient<Plan> {
    return new GatewayProtocolClient<Plan>({
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
      buildConnectPlan: (challenge) => this.#plan(challenge),
      buildConnectParams: (plan) => this.#connectParams(plan),
      onConnectPlanError: (error) => this.#unplanned(error),
      onConnectHello: (hello, { plan }) => {
        if (plan !== undefined) void this.#deviceAuth?.acceptHello(hello, plan);
      },
      onHello: (hello) => this.#greeted(hello),
      onConnectFailure: (error, { plan }) => this.#refused(error, plan),
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

  async #plan({ nonce, challengeTs }: { nonce: string | null; challengeTs: number | null | undefined }): Promise<Plan> {
    const { secret, scopes = DEFAULT_SCOPES } = this.#options;
    return this.#deviceAuth?.buildPlan({
      client: this.#about,
      role: ROLE,
      defaultScopes: scopes,
      ...(secret !== undefined && { token: secret }),
      pendingDeviceTokenRetry: this.#first === 'device-token',
      trustedDeviceTokenRetry: mayShowDeviceToken(this.#options),
      nonce,
      ...(typeof challengeTs === 'number' && { challengeTs }),
    });
  }

  #connectParams(plan: Plan): unknown {
    const { secret, scopes = DEFAULT_SCOPES } = this.#options;
    const base = { minProtocol: 4, maxProtocol: 4, client: this.#about, caps: [], role: ROLE };
    if (plan === undefined) return { ...base, scopes, ...(secret !== undefined && { auth: { token: secret } }) };
    return { ...base, scopes: plan.scopes, ...(plan.auth && { auth: plan.auth }), device: plan.device };
  }

  /** The key of this device could not be read; nothing was sent. */
  #unplanned(error: Error): { closeCode: number; closeReason: string; stop: boolean } {
    this.#opened.reject(error);
    return { closeCode: 1000, closeReason: 'not signed in', stop: true };
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

  #refused(error: GatewayProtocolRequestError, plan: Plan): { closeCode: number; closeReason: string; stop: boolean } {
    this.#judgeDeviceToken(error.details, plan);
    if (plan !== undefined && this.#options.secret !== undefined && isDeviceRefused(error))
      this.secondTry = 'no-device';
    this.#refusal = { code: error.gatewayCode, details: error.details, retryAfterMs: error.retryAfterMs };
    return { closeCode: 1008, closeReason: 'refused', stop: true };
  }

  #judgeDeviceToken(errorDetails: unknown, plan: Plan): void {
    if (plan === undefined) return;
    const { resolvedDeviceToken, storedToken } = plan.selectedAuth;
    if (resolvedDeviceToken !== undefined && isStale(errorDetails)) void this.#deviceAuth?.clearStoredToken(plan);
    const mayUseToken = shouldRetryGatewayWithDeviceToken({
      retryBudgetUsed: this.#first === 'device-token',
      ...(resolvedDeviceToken !== undefined && { currentDeviceToken: resolvedDeviceToken }),
      ...(this.#options.secret !== undefined && { explicitToken: this.#options.secret }),
      ...(storedToken !== undefined && { storedToken }),
      trustedEndpoint: mayShowDeviceToken(this.#options),
      errorDetails,
    });
    if (mayUseToken) this.secondTry = 'device-token';
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
