import type { Authenticator } from '../auth/authenticator.ts';
import { isAllowedOrigin } from '../auth/origins.ts';
import type { Role, Surface } from '../devices/device-record.ts';
import type { DeviceRegistry } from '../devices/device-registry.ts';
import type { PairingAsk } from '../devices/pairing.ts';
import type { TailnetIdentity } from '../routes/identity.ts';
import type { Ingress } from '../server/ingress.ts';
import { deviceProblem } from './device-signature.ts';
import { ConnectParams, describeIssue } from './frames.ts';
import {
  deviceFault,
  deviceRequired,
  deviceTokenFault,
  lockedOut,
  originFault,
  pairingRequired,
  refused,
  secretFault,
  type Refused,
} from './refused.ts';
import { grantsAll } from './scopes.ts';

export const PROTOCOL = 4;
const PROBE_PROTOCOL = 3;

export interface Admitted {
  readonly status: 'admitted';
  readonly client: ConnectParams['client'];
  readonly role: Role;
  readonly scopes: readonly string[];
  readonly method: SignIn;
  /** Who it is, where that is why it was let in. */
  readonly identity: TailnetIdentity | undefined;
  readonly deviceId: string | undefined;
  /** For the device to sign in with from now on; absent for clients that are not paired. */
  readonly deviceToken: { readonly token: string; readonly issuedAtMs: number } | undefined;
  /** What a node offers. */
  readonly surface: Surface;
}

type SignIn = 'none' | 'token' | 'password' | 'device-token' | 'tailscale';

/** With what it signs in. */
interface SignedIn {
  readonly method: SignIn;
  readonly identity?: TailnetIdentity;
}

export interface AdmissionDeps {
  readonly authenticator: Authenticator;
  readonly devices: DeviceRegistry;
  readonly allowedOrigins: () => readonly string[];
  /** Whether devices on this computer need no approval. */
  readonly approvesLocal: () => boolean;
  /** Who comes by Serve, if that is reason enough to be let in. Never rejects. */
  readonly identify: (ingress: Ingress) => Promise<TailnetIdentity | undefined>;
  readonly nowMs: () => number;
}

/** What is decided about: one client that shows itself at one place. */
interface Applicant {
  readonly params: ConnectParams;
  readonly role: Role;
  readonly ingress: Ingress;
}

/**
 * Decides about one `connect` request: is it well formed, may it come from there, is the device who it says, does it
 * know a secret, is it paired. Codes and close codes are those measured at the real gateway.
 *
 * @throws AppError `gateway/state-unwritable` when a pairing cannot be kept.
 */
export async function admit(
  input: unknown,
  { ingress, nonce }: { readonly ingress: Ingress; readonly nonce: string },
  deps: AdmissionDeps,
): Promise<Admitted | Refused> {
  const parsed = ConnectParams.safeParse(input);
  if (!parsed.success) return refused('INVALID_REQUEST', `invalid connect params: ${describeIssue(parsed.error)}`);
  const params = parsed.data;
  const early = protocolFault(params) ?? placeFault(params, ingress, deps);
  if (early !== undefined) return early;
  const role = toRole(params.role);
  if (role === undefined) return refused('INVALID_REQUEST', 'invalid role');
  const applicant = { params, role, ingress };
  const deviceFault = identityFault(applicant, nonce, deps);
  if (deviceFault !== undefined) return deviceFault;
  const signIn = await checkSecret(applicant, deps);
  return 'status' in signIn ? signIn : pairAndAdmit(applicant, signIn, deps);
}

function toRole(role: string): Role | undefined {
  return role === 'operator' || role === 'node' ? role : undefined;
}

function protocolFault({ minProtocol, maxProtocol, client }: ConnectParams): Refused | undefined {
  const offers = (version: number): boolean => minProtocol <= version && version <= maxProtocol;
  const takesOlder = client.mode === 'probe' || client.mode === 'node';
  if (offers(PROTOCOL) || (takesOlder && offers(PROBE_PROTOCOL))) return undefined;
  const details = {
    code: 'PROTOCOL_MISMATCH',
    clientMinProtocol: minProtocol,
    clientMaxProtocol: maxProtocol,
    expectedProtocol: PROTOCOL,
    minimumProbeProtocol: PROBE_PROTOCOL,
  };
  return { ...refused('INVALID_REQUEST', 'protocol mismatch', { details }), closeCode: 1002 };
}

/** A page says where it comes from; a page that does not is no page. */
function placeFault({ client, device }: ConnectParams, ingress: Ingress, deps: AdmissionDeps): Refused | undefined {
  const isNoPage = client.id === 'openclaw-control-ui' && ingress.origin === undefined && device === undefined;
  return isNoPage || !isAllowedOrigin(ingress, deps.allowedOrigins()) ? originFault(ingress.origin) : undefined;
}

/** Whoever is locked out learns nothing about its device either. */
function identityFault({ params, role, ingress }: Applicant, nonce: string, deps: AdmissionDeps): Refused | undefined {
  const retryAfterMs = deps.authenticator.lockedForMs(ingress);
  if (retryAfterMs > 0) return lockedOut(retryAfterMs);
  if (role === 'node' && params.device === undefined) return deviceRequired();
  const problem = deviceProblem(params, nonce, deps.nowMs());
  return problem === undefined ? undefined : deviceFault(problem);
}

/** With what it signs in, or why it may not. The identity of the device has been verified. */
async function checkSecret(applicant: Applicant, deps: AdmissionDeps): Promise<SignedIn | Refused> {
  const { params, role, ingress } = applicant;
  const { authenticator, devices } = deps;
  const { device, scopes, auth = {} } = params;
  if (authenticator.mode === 'none') return { method: 'none' };
  const presented = [auth.token, auth.password, auth.deviceToken].flatMap((secret) => secret || []);
  if (presented.length === 0) {
    const identity = isControlUi(applicant) ? await deps.identify(ingress) : undefined;
    if (identity !== undefined) return { method: 'tailscale', identity };
    return device === undefined ? deviceRequired() : secretFault('missing', authenticator.mode, false);
  }
  if (authenticator.isSecret(presented)) {
    authenticator.succeeded(ingress);
    return { method: authenticator.mode };
  }
  const allowed = device && devices.scopesOfToken(device.id, role, presented);
  if (allowed !== undefined) {
    authenticator.succeeded(ingress);
    return grantsAll(allowed, scopes) ? { method: 'device-token' } : deviceTokenFault('scope_mismatch');
  }
  await authenticator.failed(ingress);
  if (auth.deviceToken !== undefined) return deviceTokenFault('device_token_mismatch');
  // A device may have a token of its own; whether it does is not told to whoever knows no secret.
  return secretFault('mismatch', authenticator.mode, device !== undefined);
}

/** The page, in the hands of a person. Who somebody is opens nothing to a program. */
function isControlUi({ params: { client }, role }: Applicant): boolean {
  return role === 'operator' && client.id === 'openclaw-control-ui' && client.mode === 'webchat';
}

async function pairAndAdmit(
  applicant: Applicant,
  { method, identity }: SignedIn,
  deps: AdmissionDeps,
): Promise<Admitted | Refused> {
  const { params, role, ingress } = applicant;
  const { client, device, caps, commands } = params;
  const scopes = role === 'node' ? [] : keptScopes(params, ingress);
  const base = { status: 'admitted', client, role, scopes, method, identity, surface: { caps, commands } } as const;
  // Who comes for who it is gets no token of a device: that would go on to open the gateway when the person no longer may.
  if (device === undefined || isBackend(client) || identity !== undefined) {
    return { ...base, deviceId: undefined, deviceToken: undefined };
  }
  const pairing = await deps.devices.pair(toAsk(applicant, device), ingress.isLocal && deps.approvesLocal());
  if (pairing.status === 'waiting') return pairingRequired(pairing, { role, scopes: params.scopes });
  return { ...base, deviceId: device.id, deviceToken: deps.devices.tokenOf(device.id, role) };
}

/** Programs beside the gateway sign in with its secret each time; they are not paired, whatever they show. */
function isBackend({ id, mode }: ConnectParams['client']): boolean {
  return id === 'gateway-client' && mode === 'backend';
}

function toAsk({ params, role, ingress }: Applicant, device: NonNullable<ConnectParams['device']>): PairingAsk {
  const { client, scopes } = params;
  const { id, publicKey } = device;
  const { displayName, platform, deviceFamily, version } = client;
  return {
    deviceId: id,
    publicKey,
    role,
    scopes,
    facts: {
      ...(displayName !== undefined && displayName !== '' && { displayName }),
      platform,
      ...(deviceFamily !== undefined && deviceFamily !== '' && { deviceFamily }),
      clientId: client.id,
      clientMode: client.mode,
      version,
    },
    origin: ingress.origin,
    // Being on this computer is told by the absence of another address.
    remoteIp: ingress.isLoopbackPeer && !ingress.isForwarded ? undefined : ingress.client,
  };
}

/**
 * A client without a device identity keeps its scopes only where the real gateway lets it: the CLI and back ends.
 * Our own page, served by this gateway, keeps them too: whoever typed the token into it holds the token.
 */
function keptScopes({ client, device, scopes }: ConnectParams, { origin }: Ingress): readonly string[] {
  const pair = `${client.id}/${client.mode}`;
  if (device !== undefined || pair === 'openclaw-control-ui/webchat') return scopes;
  if (origin !== undefined) return [];
  return pair === 'cli/cli' || pair === 'gateway-client/backend' ? scopes : [];
}
