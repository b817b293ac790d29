import { basename } from 'node:path';

import type { AgentAuthMethod, ParsedKey, PublicKeyAuthMethod } from 'ssh2';

import { fail } from '../contract/errors.ts';
import type { Clock, Files } from '../platform/ports.ts';
import { agentPlaces, type AgentPlacesDeps } from './agent-places.ts';
import { readIdentityFile, type IdentityFile, type LockedIdentity } from './identity-file.ts';
import type { ResolvedHost } from './resolve-host.ts';
import { listAgentKeys, OneKeyAgent, type AgentKeys } from './ssh-agent.ts';

/** One key that will be shown to the server. `name` is what a person calls it: `id_ed25519`, `agent key ann@laptop`. */
export type Offer = { readonly name: string; readonly publicBlob: Buffer | undefined } & (
  | { readonly method: PublicKeyAuthMethod | AgentAuthMethod }
  /** The server is asked whether it would take the key before anybody is asked for the passphrase. */
  | { readonly locked: LockedIdentity }
);

export interface Credentials {
  readonly offers: readonly Offer[];
  /** Keys that there was no room for. */
  readonly passedOver?: number;
  /** How many refusals this server takes on a connection; absent: as many as OpenSSH's does unless told otherwise. */
  readonly mostFailures?: number | undefined;
  /** What it has refused on a connection just before. */
  readonly refused?: readonly string[];
  /** Said when the offers are none. */
  readonly agent: 'absent' | 'empty' | 'unreachable';
}

export interface CredentialsDeps extends AgentPlacesDeps {
  readonly files: Files;
  readonly clock: Clock;
}

/** sshd hangs up at the sixth failure (MaxAuthTries) and may then lock the address out. */
export const MAX_FAILURES = 5;

/**
 * What to show, in OpenSSH's order: keys of the agent first, then key files; a chosen key file before all.
 * @throws AppError `ssh/identity-unreadable` when the file that was chosen cannot be used
 */
export async function collectCredentials(
  host: ResolvedHost,
  deps: CredentialsDeps,
  signal: AbortSignal,
): Promise<Credentials> {
  const [identities, agent] = await Promise.all([
    Promise.all(host.identityFiles.map((path) => readIdentityFile(path, deps.files))),
    agentPlaces(host.agentSocket, deps).then((places) => listAgentKeys(places, deps.clock, signal)),
  ]);
  const agentKeys = agent.status === 'answered' ? agent.keys : [];
  if (host.identityChosen) requireUsable(identities, agentKeys);
  const fromFiles = identities.flatMap((identity) => fileOffer(identity, host.user, agentKeys) ?? []);
  const fromAgent = agentOffers(agent, { host, identities, signal });
  const offers = host.identityChosen
    ? [...fromFiles, ...fromAgent].slice(0, MAX_FAILURES)
    : // One place stays for a key file: an agent full of other keys must not hide it.
      [...fromAgent.slice(0, fromFiles.length > 0 ? MAX_FAILURES - 1 : MAX_FAILURES), ...fromFiles].slice(
        0,
        MAX_FAILURES,
      );
  return {
    offers,
    passedOver: fromFiles.length + fromAgent.length - offers.length,
    agent: agent.status === 'answered' ? 'empty' : agent.status,
  };
}

function requireUsable(identities: readonly IdentityFile[], agentKeys: readonly ParsedKey[]): void {
  for (const identity of identities) {
    const { kind, path: file } = identity;
    if (kind === 'private' || kind === 'locked') continue;
    if (kind === 'absent') throw fail('ssh/identity-unreadable', { file, problem: 'it does not exist' });
    if (kind === 'for-agent' && holds(agentKeys, identity.publicBlob)) continue;
    throw fail('ssh/identity-unreadable', { file, problem: identity.problem });
  }
}

function fileOffer(identity: IdentityFile, username: string, agentKeys: readonly ParsedKey[]): Offer | undefined {
  if (identity.kind === 'locked') {
    const { publicBlob } = identity;
    if (publicBlob && holds(agentKeys, publicBlob)) return undefined;
    return { name: basename(identity.path), publicBlob, locked: identity };
  }
  if (identity.kind !== 'private') return undefined;
  const { path, publicBlob, key } = identity;
  return { name: basename(path), publicBlob, method: { type: 'publickey', username, key } };
}

interface AgentOfferContext {
  readonly host: ResolvedHost;
  readonly identities: readonly IdentityFile[];
  readonly signal: AbortSignal;
}

/** Keys that also are identity files come first, as in OpenSSH; those whose file is offered itself are left out. */
function agentOffers(agent: AgentKeys, { host, identities, signal }: AgentOfferContext): readonly Offer[] {
  if (agent.status !== 'answered') return [];
  const blobs = identities.flatMap((identity) => ('publicBlob' in identity ? (identity.publicBlob ?? []) : []));
  const wished = (key: ParsedKey) => blobs.some((blob) => blob.equals(key.getPublicSSH()));
  const first = agent.keys.filter(wished);
  const others = host.identitiesOnly ? [] : agent.keys.filter((key) => !wished(key));
  const offeredAsFile = identities.flatMap((identity) => (identity.kind === 'private' ? [identity.publicBlob] : []));
  return [...first, ...others]
    .filter((key) => !offeredAsFile.some((blob) => blob.equals(key.getPublicSSH())))
    .map((key) => ({
      name: `agent key ${printable(key.comment) || key.type}`,
      publicBlob: key.getPublicSSH(),
      method: { type: 'agent', username: host.user, agent: new OneKeyAgent(agent.path, signal, key) },
    }));
}

function holds(keys: readonly ParsedKey[], publicBlob: Buffer): boolean {
  return keys.some((key) => key.getPublicSSH().equals(publicBlob));
}

function printable(comment: string): string {
  return comment.replaceAll(/\p{C}/gu, '').slice(0, 80);
}
