import {
  readConnectErrorDetailCode,
  readPairingConnectErrorDetails,
} from '@openclaw/gateway-protocol/connect-error-details';

import type { ErrorInfo, ErrorParams, GatewayUnreachableReason } from '../contract/errors.ts';
import type { CertificateSeen } from '../platform/checked-tls.ts';
import { certificateFault } from './certificate-fault.ts';
import { PUBLIC_ADDRESS } from './plaintext.ts';

/** How a connection to a gateway ended, before it is put into words. */
export interface Ending {
  readonly url: string;
  /** Name of the gateway, for sentences. */
  readonly gateway: string;
  readonly nowMs: number;
  /** System error of the socket (`ECONNREFUSED`, …), if there was one. */
  readonly socketCode: string | undefined;
  /** The certificate that was shown and not taken, and the one that was wanted. */
  readonly certificate: CertificateSeen | undefined;
  /** HTTP status when the upgrade was refused. */
  readonly httpStatus: number | undefined;
  readonly closeCode: number;
  readonly helloReceived: boolean;
  /** The gateway's own refusal of `connect`. */
  readonly refusal: Refusal | undefined;
}

export interface Refusal {
  readonly code: string;
  readonly details: unknown;
  readonly retryAfterMs: number | undefined;
}

/** Close codes and detail codes of gateway protocol v4, as measured against the real gateway. */
export function toConnectFailure(ending: Ending): ErrorInfo {
  const { url, refusal, httpStatus, socketCode, closeCode } = ending;
  if (refusal !== undefined) return ofRefusal(ending, refusal);
  if (httpStatus !== undefined) return ofHttpStatus(url, httpStatus);
  if (socketCode !== undefined && !ending.helloReceived) {
    const ofCertificate = certificateFault(url, socketCode, ending.certificate);
    if (ofCertificate !== undefined) return ofCertificate;
    if (socketCode === PUBLIC_ADDRESS) return { code: 'gateway/insecure-url', params: { url, isPublic: true } };
    return { code: 'gateway/unreachable', params: { url, reason: unreachableReason(socketCode) } };
  }
  if (closeCode === 1013) return { code: 'gateway/starting', params: { url } };
  if (closeCode === SILENT) return { code: 'gateway/silent', params: { url } };
  return { code: 'gateway/closed', params: { url, closeCode } };
}

/** Our own close code for a gateway that no longer answers; from the private range. */
export const SILENT = 4_000;

const UNREACHABLE: Readonly<Record<string, GatewayUnreachableReason>> = {
  ECONNREFUSED: 'refused',
  ETIMEDOUT: 'timeout',
  ENETUNREACH: 'no-route',
  EHOSTUNREACH: 'no-route',
  ENOTFOUND: 'unknown-name',
  EAI_AGAIN: 'unknown-name',
  ECONNRESET: 'reset',
};

/** Why no connection could be made, from the system's error code. */
export function unreachableReason(code: string | undefined): GatewayUnreachableReason {
  return UNREACHABLE[code ?? ''] ?? 'reset';
}

function ofHttpStatus(url: string, status: number): ErrorInfo {
  if (status === 503) return { code: 'gateway/starting', params: { url } };
  return { code: 'gateway/not-a-gateway', params: { url } };
}

type ToInfo = (ending: Ending, refusal: Refusal) => ErrorInfo;

const mismatch: ToInfo = ({ gateway }) => ({ code: 'gateway/token-mismatch', params: { gateway } });
const missing: ToInfo = ({ gateway }) => ({ code: 'gateway/token-missing', params: { gateway } });

const REFUSALS: Readonly<Record<string, ToInfo>> = {
  AUTH_TOKEN_MISMATCH: mismatch,
  AUTH_PASSWORD_MISMATCH: mismatch,
  AUTH_DEVICE_TOKEN_MISMATCH: mismatch,
  AUTH_UNAUTHORIZED: mismatch,
  AUTH_TOKEN_MISSING: missing,
  AUTH_PASSWORD_MISSING: missing,
  AUTH_REQUIRED: missing,
  DEVICE_IDENTITY_REQUIRED: missing,
  AUTH_RATE_LIMITED: ({ gateway, nowMs }, { retryAfterMs }) => ({
    code: 'gateway/rate-limited',
    params: { gateway, retryAtMs: nowMs + (retryAfterMs ?? LOCKOUT_MS) },
  }),
  PAIRING_REQUIRED: ({ gateway }, { details }) => ({
    code: 'gateway/pairing-required',
    params: { gateway, ...pairingRequest(details) },
  }),
  PROTOCOL_MISMATCH: ({ gateway }, { details }) => ({
    code: 'gateway/protocol-mismatch',
    params: { gateway, theirs: expectedProtocol(details) },
  }),
  UNAVAILABLE: ({ url }) => ({ code: 'gateway/starting', params: { url } }),
};

function ofRefusal(ending: Ending, refusal: Refusal): ErrorInfo {
  const detail = readConnectErrorDetailCode(refusal.details) ?? refusal.code;
  const known = REFUSALS[detail];
  return known?.(ending, refusal) ?? { code: 'gateway/refused', params: { gateway: ending.gateway, detail } };
}

/** As in a command that a person copies. */
const REQUEST_ID = /^[A-Za-z0-9][\w-]{0,79}$/;

/** Who asked for approval, as the gateway tells it. An id that could be more than a word of a command is left out. */
function pairingRequest(
  details: unknown,
): Pick<ErrorParams['gateway/pairing-required'], 'requestId' | 'deviceId' | 'mayAskAgain'> {
  const { requestId, deviceId, pauseReconnect } = readPairingConnectErrorDetails(details) ?? {};
  return {
    requestId: requestId !== undefined && REQUEST_ID.test(requestId) ? requestId : undefined,
    ...(deviceId !== undefined && { deviceId }),
    ...(pauseReconnect === true && { mayAskAgain: false }),
  };
}

/** Lockout of a gateway that does not say how long: its default. */
const LOCKOUT_MS = 300_000;

function expectedProtocol(details: unknown): number | undefined {
  const value = (details as { expectedProtocol?: unknown } | undefined)?.expectedProtocol;
  return typeof value === 'number' ? value : undefined;
}
