import { lookup } from 'node:dns/promises';
import { connect, type Socket } from 'node:net';

import { AppError, fail } from '../contract/errors.ts';
import { unreachableReason } from '../gateway-client/connect-failure.ts';
import { certificateFault } from '../gateway-client/certificate-fault.ts';
import { certificateSeen, connectChecked } from '../platform/checked-tls.ts';
import { systemErrorCode } from '../platform/system-error.ts';
import type { StepRun } from '../platform/step-run.ts';

export type AddressStep = 'dns' | 'tcp' | 'tls';

export interface AddressTest {
  /** `ws://` or `wss://`. */
  readonly url: string;
  readonly tlsFingerprint: string | undefined;
  readonly plan: readonly AddressStep[];
  readonly steps: StepRun<AddressStep>;
  readonly signal: AbortSignal;
}

const STEP_LIMIT_MS = 10_000;

/**
 * Goes as far as the planned steps say towards an address: its name, its port, its certificate.
 * Leaves nothing open.
 * @throws AppError `gateway/unreachable`, `gateway/certificate-…` at the step being taken, or the reason of `signal`
 */
export async function testAddress({ url, tlsFingerprint, plan, steps, signal }: AddressTest): Promise<void> {
  const { protocol, hostname, port: given } = new URL(url);
  const host = hostname.replace(/^\[|\]$/g, '');
  const port = given === '' ? (protocol === 'wss:' ? 443 : 80) : Number(given);
  const limit = AbortSignal.any([signal, AbortSignal.timeout(STEP_LIMIT_MS)]);
  let socket: Socket | undefined;
  try {
    if (plan.includes('dns')) steps.passed(await within(limit, addressesOf(host)));
    socket = connect(port, host);
    await within(limit, opened(socket, 'connect'));
    steps.passed(`${socket.remoteAddress ?? host}, port ${port}`);
    if (!plan.includes('tls')) return;
    const secure = connectChecked({ socket, host }, tlsFingerprint);
    secure.on('error', () => {});
    await within(limit, opened(secure, 'secureConnect'));
    steps.passed(
      `${secure.getProtocol() ?? 'TLS'}, the certificate is ${tlsFingerprint === undefined ? 'good' : 'the one you trust'}`,
    );
  } catch (error) {
    signal.throwIfAborted();
    throw toFailure(url, error);
  } finally {
    socket?.destroy();
  }
}

async function addressesOf(host: string): Promise<string> {
  const addresses = (await lookup(host, { all: true })).map(({ address }) => address).join(', ');
  return addresses === host ? addresses : `${host} is ${addresses}`;
}

function opened(socket: Socket, event: 'connect' | 'secureConnect'): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once(event, () => resolve());
    // Stays for the life of the socket: an unhandled one would end the process.
    socket.on('error', reject);
    socket.once('close', () => reject(Object.assign(new Error('closed'), { code: 'ECONNRESET' })));
  });
}

function within<T>(limit: AbortSignal, work: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const abort = (): void => reject(limit.reason as Error);
  limit.addEventListener('abort', abort, { once: true });
  if (limit.aborted) abort();
  return Promise.race([work, promise]).finally(() => limit.removeEventListener('abort', abort));
}

function toFailure(url: string, error: unknown) {
  const code = error instanceof DOMException ? 'ETIMEDOUT' : systemErrorCode(error);
  const ofCertificate = certificateFault(url, code, certificateSeen(error));
  if (ofCertificate !== undefined) return new AppError(ofCertificate, { cause: error });
  return fail('gateway/unreachable', { url, reason: unreachableReason(code) }, error);
}
