import type { AuthOutcome, Authenticator } from '../auth/authenticator.ts';
import { isAllowedOrigin } from '../auth/origins.ts';
import type { Ingress } from '../server/ingress.ts';
import { deviceProblem, type DeviceProblem } from './device-signature.ts';
import { ConnectParams, describeIssue, type ErrorShape } from './frames.ts';

export const PROTOCOL = 4;
const PROBE_PROTOCOL = 3;

export interface Admitted {
  readonly status: 'admitted';
  readonly client: ConnectParams['client'];
  readonly role: 'operator';
  readonly scopes: readonly string[];
  readonly method: string;
}

export interface Refused {
  readonly status: 'refused';
  readonly error: ErrorShape;
  readonly closeCode: 1002 | 1008;
}

export interface AdmissionDeps {
  readonly authenticator: Authenticator;
  readonly allowedOrigins: readonly string[];
  readonly nowMs: () => number;
}

/** Decides about one `connect` request. Codes and close codes are those measured at the real gateway. */
export async function admit(
  input: unknown,
  { ingress, nonce }: { readonly ingress: Ingress; readonly nonce: string },
  deps: AdmissionDeps,
): Promise<Admitted | Refused> {
  const parsed = ConnectParams.safeParse(input);
  if (!parsed.success) return refused('INVALID_REQUEST', `invalid connect params: ${describeIssue(parsed.error)}`);
  const params = parsed.data;
  const early = protocolFault(params) ?? roleFault(params) ?? originFault(ingress, deps.allowedOrigins);
  if (early !== undefined) return early;
  const secret = params.auth?.token ?? params.auth?.password ?? params.auth?.deviceToken;
  const outcome = await deps.authenticator.check(ingress, secret);
  if (outcome.status !== 'accepted') return authFault(outcome, params);
  const problem = deviceProblem(params, nonce, deps.nowMs());
  if (problem !== undefined) return deviceFault(problem);
  const scopes = keptScopes(params, ingress);
  return { status: 'admitted', client: params.client, role: 'operator', scopes, method: deps.authenticator.mode };
}

function refused(code: ErrorShape['code'], message: string, more: Partial<ErrorShape> = {}): Refused {
  return { status: 'refused', error: { code, message, ...more }, closeCode: 1008 };
}

function protocolFault({ minProtocol, maxProtocol, client }: ConnectParams): Refused | undefined {
  const offers = (version: number): boolean => minProtocol <= version && version <= maxProtocol;
  if (offers(PROTOCOL) || (client.mode === 'probe' && offers(PROBE_PROTOCOL))) return undefined;
  const details = {
    code: 'PROTOCOL_MISMATCH',
    clientMinProtocol: minProtocol,
    clientMaxProtocol: maxProtocol,
    expectedProtocol: PROTOCOL,
    minimumProbeProtocol: PROBE_PROTOCOL,
  };
  return { ...refused('INVALID_REQUEST', 'protocol mismatch', { details }), closeCode: 1002 };
}

function roleFault({ role }: ConnectParams): Refused | undefined {
  if (role === 'operator') return undefined;
  // Nodes are paired before they are let in, and this gateway cannot pair them yet.
  if (role === 'node') return refused('UNAVAILABLE', 'this gateway does not take nodes', { retryable: false });
  return refused('INVALID_REQUEST', 'invalid role');
}

function originFault(ingress: Ingress, allowed: readonly string[]): Refused | undefined {
  if (isAllowedOrigin(ingress, allowed)) return undefined;
  const details = { code: 'CONTROL_UI_ORIGIN_NOT_ALLOWED' };
  return refused('INVALID_REQUEST', 'origin not allowed', { details });
}

function authFault(outcome: Exclude<AuthOutcome, { status: 'accepted' }>, { device }: ConnectParams): Refused {
  switch (outcome.status) {
    case 'locked':
      return refused('INVALID_REQUEST', 'unauthorized: too many failed authentication attempts (retry later)', {
        details: { code: 'AUTH_RATE_LIMITED', authReason: 'rate_limited' },
        retryable: true,
        retryAfterMs: outcome.retryAfterMs,
      });
    case 'missing':
      return device === undefined
        ? refused('NOT_PAIRED', 'device identity required', { details: { code: 'DEVICE_IDENTITY_REQUIRED' } })
        : refused('INVALID_REQUEST', 'unauthorized: gateway token missing', {
            details: { code: 'AUTH_TOKEN_MISSING', authReason: 'token_missing' },
          });
    case 'mismatch':
      return refused('INVALID_REQUEST', 'unauthorized: gateway token mismatch (give the token of this gateway)', {
        details: {
          code: 'AUTH_TOKEN_MISMATCH',
          authReason: 'token_mismatch',
          canRetryWithDeviceToken: false,
          recommendedNextStep: 'update_auth_credentials',
        },
      });
  }
}

const DEVICE_CODES: Readonly<Record<DeviceProblem, string>> = {
  'device-id-mismatch': 'DEVICE_AUTH_DEVICE_ID_MISMATCH',
  'device-nonce-missing': 'DEVICE_AUTH_NONCE_REQUIRED',
  'device-nonce-mismatch': 'DEVICE_AUTH_NONCE_MISMATCH',
  'device-signature-stale': 'DEVICE_AUTH_SIGNATURE_EXPIRED',
  'device-signature': 'DEVICE_AUTH_SIGNATURE_INVALID',
};

function deviceFault(reason: DeviceProblem): Refused {
  return refused('INVALID_REQUEST', `device identity refused: ${reason}`, {
    details: { code: DEVICE_CODES[reason], reason },
  });
}

/**
 * A client without a device identity keeps its scopes only where the real gateway lets it: the CLI and back ends.
 * Our own page, served by this gateway, keeps them too: whoever typed the token into it holds the token.
 */
function keptScopes({ client, device, scopes }: ConnectParams, { origin }: Ingress): readonly string[] {
  const pair = `${client.id}/${client.mode}`;
  if (pair === 'openclaw-control-ui/webchat') return scopes;
  if (origin !== undefined) return [];
  const isKept = device !== undefined || pair === 'cli/cli' || pair === 'gateway-client/backend';
  return isKept ? scopes : [];
}
