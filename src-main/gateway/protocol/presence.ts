import type { TailnetIdentity } from '../routes/identity.ts';
import type { Admitted } from './admission.ts';

/** Who is connected, in the shape the protocol publishes. */
export interface PresenceEntry {
  readonly host: string;
  readonly ip?: string;
  readonly version?: string;
  readonly platform?: string;
  readonly deviceFamily?: string;
  readonly mode: string;
  readonly reason: 'self' | 'connect';
  readonly instanceId: string;
  readonly text: string;
  readonly ts: number;
  readonly roles?: readonly string[];
  readonly scopes?: readonly string[];
  /** The person, where the tailnet says who it is. */
  readonly user?: { readonly id: string; readonly email: string; readonly name?: string };
}

const NAMES: Readonly<Record<string, string>> = {
  cli: 'openclaw CLI',
  'openclaw-control-ui': 'Control UI',
  'gateway-client': 'Program',
  'openclaw-probe': 'Probe',
};

/** Programs come and go by the thousand, each for one request; who is present are people and nodes. */
const PASSING: ReadonlySet<string> = new Set(['cli', 'backend', 'probe', 'test']);

/** The entry of one client: under the name it gave itself, else under what it is. None for programs. */
export function clientEntry(
  { client, role, scopes, identity }: Admitted,
  { ip, connId, atMs }: { readonly ip: string; readonly connId: string; readonly atMs: number },
): PresenceEntry | undefined {
  if (PASSING.has(client.mode)) return undefined;
  const host = client.displayName ?? NAMES[client.id] ?? client.id;
  return {
    host,
    ip,
    version: client.version,
    platform: client.platform,
    ...(client.deviceFamily !== undefined && { deviceFamily: client.deviceFamily }),
    mode: client.mode,
    reason: 'connect',
    instanceId: client.instanceId ?? connId,
    text: `${host}${identity === undefined ? '' : ` of ${identity.peer.login}`} (${client.mode}, ${client.version})`,
    ts: atMs,
    roles: [role],
    scopes,
    ...(identity !== undefined && { user: personOf(identity) }),
  };
}

function personOf({ peer: { userId, login, displayName } }: TailnetIdentity): NonNullable<PresenceEntry['user']> {
  return { id: userId, email: login, ...(displayName !== '' && { name: displayName }) };
}
