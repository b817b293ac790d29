import { grants, grantsAll, withIncluded } from '../protocol/scopes.ts';
import type { DeviceFacts, DeviceRecord, DeviceToken, PairingRequest, Role, Surface } from './device-record.ts';

/** What a device asks for when it connects. */
export interface PairingAsk {
  readonly deviceId: string;
  readonly publicKey: string;
  readonly role: Role;
  readonly scopes: readonly string[];
  readonly facts: DeviceFacts;
  readonly origin: string | undefined;
  readonly remoteIp: string | undefined;
}

/** Why a person must decide; the words are those of the protocol. */
export type PairingReason = 'not-paired' | 'role-upgrade' | 'scope-upgrade' | 'metadata-upgrade';

/** Why a device may not come in as it asks, or `undefined`. */
export function pairingReason(record: DeviceRecord | undefined, ask: PairingAsk): PairingReason | undefined {
  const approval = record?.approval;
  if (record === undefined || approval === undefined) return 'not-paired';
  if (!isSameMachine(record.facts, ask.facts)) return 'metadata-upgrade';
  if (!approval.roles.includes(ask.role) || record.tokens[ask.role]?.revokedAtMs !== undefined) return 'role-upgrade';
  return ask.role === 'operator' && !grantsAll(approval.scopes, ask.scopes) ? 'scope-upgrade' : undefined;
}

/**
 * Whether being on this computer is reason enough. Not for a device that is suddenly another machine, nor for a role
 * that a person has taken away.
 */
export function isSilentlyApproved(record: DeviceRecord | undefined, ask: PairingAsk, reason: PairingReason): boolean {
  return reason !== 'metadata-upgrade' && record?.tokens[ask.role]?.revokedAtMs === undefined;
}

/** Adds what is asked for to the request that waits, which keeps its id: one question per device. */
export function asked(
  record: DeviceRecord | undefined,
  ask: PairingAsk,
  { requestId, atMs }: { readonly requestId: string; readonly atMs: number },
): DeviceRecord {
  const { deviceId, publicKey, facts, origin, remoteIp } = ask;
  const known = record ?? { deviceId, publicKey, facts, tokens: {} };
  const isRepair = known.approval !== undefined;
  const fresh = { requestId, roles: [], scopes: [], atMs };
  const waiting = known.request ?? fresh;
  const request: PairingRequest = {
    requestId: waiting.requestId,
    roles: union(waiting.roles, [ask.role]),
    scopes: union(
      waiting.scopes,
      ask.role === 'operator' ? ask.scopes.filter((scope) => !grants(waiting.scopes, scope)) : [],
    ),
    facts,
    origin,
    remoteIp,
    isRepair,
    atMs: waiting.atMs,
  };
  return { ...known, request };
}

/** What waits becomes what holds, beside what held before. A token changes when what it opens does. */
export function approved(record: DeviceRecord, via: 'silent' | 'owner', atMs: number): DeviceRecord {
  const { request, ...kept } = record;
  if (request === undefined) return record;
  const before = record.approval;
  const scopes = union(before?.scopes ?? [], request.scopes);
  const tokens = { ...record.tokens };
  for (const role of request.roles) {
    tokens[role] = issued(tokens[role], role === 'operator' ? withIncluded(scopes) : [], atMs);
  }
  return {
    ...kept,
    facts: request.facts,
    approval: {
      via,
      roles: union(before?.roles ?? [], request.roles),
      scopes,
      createdAtMs: before?.createdAtMs ?? atMs,
      approvedAtMs: atMs,
    },
    tokens,
  };
}

/** `undefined` when nothing of the device is left to keep. */
export function rejected({ request: _, ...record }: DeviceRecord): DeviceRecord | undefined {
  return record.approval === undefined ? undefined : record;
}

/** Another token for the role. */
export function rotated(record: DeviceRecord, role: Role, change: { scopes: readonly string[]; atMs: number }) {
  const { scopes, atMs } = change;
  const before = record.tokens[role];
  const token = { ...issued(undefined, scopes, atMs), createdAtMs: before?.createdAtMs ?? atMs, rotatedAtMs: atMs };
  return withToken(record, role, { ...token, generation: (before?.generation ?? 0) + 1 });
}

export function revoked(record: DeviceRecord, role: Role, atMs: number): DeviceRecord {
  const before = record.tokens[role];
  return before === undefined ? record : withToken(record, role, { ...before, revokedAtMs: atMs });
}

/** What the node offers goes beyond what a person has approved. */
export function surfaceGrew(record: DeviceRecord, { caps, commands }: Surface): boolean {
  const { node } = record;
  if (node === undefined) return true;
  return caps.some((cap) => !node.caps.includes(cap)) || commands.some((command) => !node.commands.includes(command));
}

function withToken(record: DeviceRecord, role: Role, token: DeviceToken): DeviceRecord {
  return { ...record, tokens: { ...record.tokens, [role]: token } };
}

function issued(before: DeviceToken | undefined, scopes: readonly string[], atMs: number): DeviceToken {
  if (before === undefined) return { scopes, generation: 1, createdAtMs: atMs };
  const isSame = before.revokedAtMs === undefined && before.scopes.join() === scopes.join();
  if (isSame) return before;
  return { scopes, generation: before.generation + 1, createdAtMs: before.createdAtMs, rotatedAtMs: atMs };
}

function isSameMachine(before: DeviceFacts, now: DeviceFacts): boolean {
  const same = (one = '', other = ''): boolean => one.trim().toLowerCase() === other.trim().toLowerCase();
  return same(before.platform, now.platform) && same(before.deviceFamily, now.deviceFamily);
}

function union<T>(one: readonly T[], other: readonly T[]): readonly T[] {
  return [...new Set([...one, ...other])];
}
