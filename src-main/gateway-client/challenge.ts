import type { RawData, WebSocket } from 'ws';

import { AppError, type ErrorInfo } from '../contract/errors.ts';
import { certificateSeen, type CertificateSeen } from '../platform/checked-tls.ts';
import { checkedSocket } from './checked-socket.ts';
import type { SessionOptions } from './gateway-session.ts';
import { SILENT, toConnectFailure } from './connect-failure.ts';

const LIMIT_MS = 10_000;
/** A challenge is a few hundred bytes. */
const MAX_PAYLOAD_BYTES = 64 * 1024;

/**
 * Connects as far as the challenge of the gateway protocol, sends nothing, and closes.
 * @throws AppError `gateway/*`, or the reason of `signal`
 */
export async function awaitChallenge(
  { url, gateway, tlsFingerprint }: Pick<SessionOptions, 'url' | 'gateway' | 'tlsFingerprint'>,
  signal: AbortSignal,
): Promise<void> {
  signal.throwIfAborted();
  const socket = checkedSocket(url, tlsFingerprint, MAX_PAYLOAD_BYTES);
  const abort = (): void => socket.terminate();
  signal.addEventListener('abort', abort, { once: true });
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  try {
    await firstFrame(socket, { url, gateway });
  } finally {
    signal.removeEventListener('abort', abort);
    socket.terminate();
    await closed;
    signal.throwIfAborted();
  }
}

function firstFrame(socket: WebSocket, names: { readonly url: string; readonly gateway: string }): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let socketCode: string | undefined;
  let certificate: CertificateSeen | undefined;
  let httpStatus: number | undefined;
  const failure = (closeCode: number): ErrorInfo =>
    toConnectFailure({
      ...names,
      nowMs: Date.now(),
      socketCode,
      certificate,
      httpStatus,
      closeCode,
      helloReceived: false,
      refusal: undefined,
    });
  const timer = setTimeout(() => reject(new AppError(failure(SILENT))), LIMIT_MS);
  // Stays for the life of the socket: an unhandled 'error' would end the process.
  socket.on('error', (error: NodeJS.ErrnoException) => {
    socketCode = error.code ?? socketCode;
    certificate = certificateSeen(error) ?? certificate;
  });
  socket.on('unexpected-response', (request, response) => {
    httpStatus = response.statusCode;
    request.destroy();
  });
  socket.once('close', (code) => reject(new AppError(failure(code))));
  socket.once('message', (data) => {
    if (isChallenge(data)) resolve();
    else reject(new AppError({ code: 'gateway/not-a-gateway', params: { url: names.url } }));
  });
  return promise.finally(() => clearTimeout(timer));
}

function isChallenge(data: RawData): boolean {
  try {
    const frame = JSON.parse((data as Buffer).toString('utf8')) as { readonly event?: unknown } | null;
    return frame?.event === 'connect.challenge';
  } catch {
    return false;
  }
}
