import {
  buildPairingConnectCloseReason,
  buildPairingConnectErrorDetails,
} from '@openclaw/gateway-protocol/connect-error-details';

import type { GatewayAuth } from '../../contract/gateway-host.ts';
import type { AuthOutcome } from '../auth/authenticator.ts';
import type { Role } from '../devices/device-record.ts';
import type { PairingOutcome } from '../devices/device-registry.ts';
import type { DeviceProblem } from './device-signature.ts';
import type { ErrorShape } from './frames.ts';

/** Why a client is not let in, in codes measured at the real gateway. */
export interface Refused {
  readonly status: 'refused';
  readonly error: ErrorShape;
  readonly closeCode: 1002 | 1008;
  /** The message of the error, unless it is given. */
  readonly closeReason?: string;
}

export function refused(code: ErrorShape['code'], message: string, more: Partial<ErrorShape> = {}): Refused {
  return { status: 'refused', error: { code, message, ...more }, closeCode: 1008 };
}

type SharedFault = Exclude<AuthOutcome['status'], 'accepted' | 'locked'>;

const ADVICE: Readonly<Record<SharedFault, readonly [hint: string, step: string]>> = {
  missing: ['sign in with it', 'update_auth_configuration'],
  mismatch: ['use the one of this gateway', 'update_auth_credentials'],
};

/** `canRetry`: the client is a device, and may have a token of its own that it did not show. */
export function secretFault(fault: SharedFault, mode: GatewayAuth['mode'], canRetry: boolean): Refused {
  const word = mode === 'password' ? 'password' : 'token';
  const [hint, step] = ADVICE[fault];
  return refused('INVALID_REQUEST', `unauthorized: gateway ${word} ${fault} (${hint})`, {
    details: {
      code: `AUTH_${word.toUpperCase()}_${fault.toUpperCase()}`,
      authReason: `${word}_${fault}`,
      canRetryWithDeviceToken: canRetry,
      recommendedNextStep: canRetry ? 'retry_with_device_token' : step,
    },
  });
}

export function lockedOut(retryAfterMs: number): Refused {
  return refused('INVALID_REQUEST', 'unauthorized: too many failed authentication attempts (retry later)', {
    details: {
      code: 'AUTH_RATE_LIMITED',
      authReason: 'rate_limited',
      canRetryWithDeviceToken: false,
      recommendedNextStep: 'wait_then_retry',
    },
    retryable: true,
    retryAfterMs,
  });
}

export function deviceTokenFault(fault: 'device_token_mismatch' | 'scope_mismatch'): Refused {
  const isScope = fault === 'scope_mismatch';
  const message = isScope
    ? 'unauthorized: device token scope mismatch (approve more scopes for this device)'
    : 'unauthorized: device token mismatch (rotate the token of this device)';
  return refused('INVALID_REQUEST', message, {
    details: {
      code: isScope ? 'AUTH_SCOPE_MISMATCH' : 'AUTH_DEVICE_TOKEN_MISMATCH',
      authReason: fault,
      canRetryWithDeviceToken: false,
      recommendedNextStep: isScope ? 'review_auth_configuration' : 'update_auth_credentials',
    },
  });
}

export function deviceRequired(): Refused {
  return refused('NOT_PAIRED', 'device identity required', { details: { code: 'DEVICE_IDENTITY_REQUIRED' } });
}

export function originFault(origin: string | undefined): Refused {
  const isOrigin = origin !== undefined && /^[\w-]+:\/\/./.test(origin);
  const reason = isOrigin ? 'origin not allowed' : 'origin missing or invalid';
  return refused('INVALID_REQUEST', 'origin not allowed', {
    details: { code: 'CONTROL_UI_ORIGIN_NOT_ALLOWED', reason },
  });
}

const DEVICE_FAULTS: Readonly<Record<DeviceProblem, readonly [code: string, message: string]>> = {
  'device-id-mismatch': ['DEVICE_AUTH_DEVICE_ID_MISMATCH', 'device identity mismatch'],
  'device-nonce-missing': ['DEVICE_AUTH_NONCE_REQUIRED', 'device nonce required'],
  'device-nonce-mismatch': ['DEVICE_AUTH_NONCE_MISMATCH', 'device nonce mismatch'],
  'device-signature-stale': ['DEVICE_AUTH_SIGNATURE_EXPIRED', 'device signature expired'],
  'device-signature': ['DEVICE_AUTH_SIGNATURE_INVALID', 'device signature invalid'],
};

export function deviceFault(reason: DeviceProblem): Refused {
  const [code, message] = DEVICE_FAULTS[reason];
  return refused('INVALID_REQUEST', message, { details: { code, reason } });
}

/** The request waits for a person; the client may try again and again, it stays one request. */
export function pairingRequired(
  { reason, request, record }: Extract<PairingOutcome, { status: 'waiting' }>,
  { role, scopes }: { readonly role: Role; readonly scopes: readonly string[] },
): Refused {
  const { requestId } = request;
  const details = buildPairingConnectErrorDetails({
    reason,
    requestId,
    deviceId: record.deviceId,
    requestedRole: role,
    ...(role === 'operator' && { requestedScopes: [...scopes] }),
    // A node too: one that stopped asking would need a person at its own computer once it is approved.
    recommendedNextStep: 'wait_then_retry',
    retryable: true,
    pauseReconnect: false,
    ...(record.approval !== undefined && {
      approvedRoles: [...record.approval.roles],
      approvedScopes: [...record.approval.scopes],
    }),
  });
  const message = buildPairingConnectCloseReason({ reason });
  const closeReason = buildPairingConnectCloseReason({ reason, requestId });
  return { ...refused('NOT_PAIRED', message, { details }), closeReason };
}
