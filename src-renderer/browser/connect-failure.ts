import { readConnectErrorDetailCode } from '@openclaw/gateway-client/browser';

import type { ErrorInfo } from '../../src-main/contract/errors.ts';

/** How a connection of this page ended. A browser tells no more than this. */
export interface Ending {
  readonly url: string;
  /** How the gateway is called in sentences. */
  readonly gateway: string;
  readonly nowMs: number;
  readonly online: boolean;
  readonly opened: boolean;
  readonly closeCode: number;
  /** The gateway's own refusal of `connect`. */
  readonly refusal: Refusal | undefined;
}

export interface Refusal {
  readonly code: string;
  readonly details: unknown;
  readonly retryAfterMs: number | undefined;
}

/** Our own close code for a gateway that no longer answers; from the private range. */
export const SILENT = 4_000;

/** Lockout of a gateway that does not say how long. */
const LOCKOUT_MS = 300_000;

/** Close codes and detail codes of gateway protocol 4. */
export function toConnectFailure(ending: Ending): ErrorInfo {
  const { url, refusal, closeCode, opened, online } = ending;
  if (refusal !== undefined) return ofRefusal(ending, refusal);
  if (closeCode === SILENT) return { code: 'gateway/silent', params: { url } };
  if (closeCode === 1013) return { code: 'gateway/starting', params: { url } };
  if (opened) return { code: 'gateway/closed', params: { url, closeCode } };
  // A page is not told why a socket did not open; it only knows whether the computer is online.
  return { code: 'gateway/unreachable', params: { url, reason: online ? 'reset' : 'no-route' } };
}

type ToInfo = (ending: Ending, refusal: Refusal) => ErrorInfo;

const mismatch: ToInfo = ({ gateway }) => ({ code: 'gateway/token-mismatch', params: { gateway } });
const missing: ToInfo = ({ gateway }) => ({ code: 'gateway/token-missing', params: { gateway } });

const REFUSALS: Readonly<Record<string, ToInfo>> = {
  AUTH_TOKEN_MISMATCH: mismatch,
  AUTH_PASSWORD_MISMATCH: mismatch,
  AUTH_UNAUTHORIZED: mismatch,
  AUTH_TOKEN_MISSING: missing,
  AUTH_PASSWORD_MISSING: missing,
  AUTH_REQUIRED: missing,
  // What a page hears that shows neither a token nor a device.
  DEVICE_IDENTITY_REQUIRED: missing,
  AUTH_RATE_LIMITED: ({ gateway, nowMs }, { retryAfterMs = LOCKOUT_MS }) => ({
    code: 'gateway/rate-limited',
    params: { gateway, retryAtMs: nowMs + retryAfterMs },
  }),
  PAIRING_REQUIRED: ({ gateway }) => ({ code: 'gateway/pairing-required', params: { gateway, requestId: undefined } }),
  PROTOCOL_MISMATCH: ({ gateway }) => ({ code: 'gateway/protocol-mismatch', params: { gateway, theirs: undefined } }),
  UNAVAILABLE: ({ url }) => ({ code: 'gateway/starting', params: { url } }),
};

function ofRefusal(ending: Ending, refusal: Refusal): ErrorInfo {
  const detail = readConnectErrorDetailCode(refusal.details) ?? refusal.code;
  const known = REFUSALS[detail]?.(ending, refusal);
  return known ?? { code: 'gateway/refused', params: { gateway: ending.gateway, detail } };
}
