import { randomUUID } from 'node:crypto';

import type { StateDatabase } from '../state/state-database.ts';
import type { DeviceRecord, PairingRequest, Role, Surface } from './device-record.ts';
import { DeviceStore } from './device-store.ts';
import { DeviceTokens } from './device-tokens.ts';
import { requestView, surfaceRequestView } from './device-views.ts';
import {
  approved,
  asked,
  isSilentlyApproved,
  pairingReason,
  rejected,
  revoked,
  rotated,
  surfaceGrew,
  type PairingAsk,
  type PairingReason,
} from './pairing.ts';

export interface DeviceRegistryDeps {
  readonly database: StateDatabase;
  readonly nowMs: () => number;
  /** Tells those who may pair. */
  readonly publish: (event: PairingEvent, payload: unknown) => void;
  /** The device may no longer be here in that role; in none at all when none is given. */
  readonly onAccessLost: (deviceId: string, role?: Role) => void;
}

export type PairingEvent =
  | 'device.pair.requested'
  | 'device.pair.resolved'
  | 'device.pair.changed'
  | 'node.pair.requested'
  | 'node.pair.resolved';

export type PairingOutcome =
  | { readonly status: 'paired'; readonly record: DeviceRecord }
  | {
      readonly status: 'waiting';
      readonly reason: PairingReason;
      readonly request: PairingRequest;
      readonly record: DeviceRecord;
    };

/** Devices nobody has decided about yet; the oldest are forgotten, so that asking cannot fill the disk. */
const MAX_STRANGERS = 64;
/** When a device was here last is not worth a write each time. */
const SEEN_INTERVAL_MS = 600_000;

/** Who is paired, who asks to be, and with what they sign in. Every change is on the disk before it is told. */
export class DeviceRegistry {
  readonly #deps: DeviceRegistryDeps;
  readonly #store: DeviceStore;
  readonly #tokens: DeviceTokens;

  constructor(deps: DeviceRegistryDeps) {
    this.#deps = deps;
    this.#store = new DeviceStore(deps.database);
    this.#tokens = new DeviceTokens(deps.database);
  }

  get all(): readonly DeviceRecord[] {
    return this.#store.all;
  }

  find(deviceId: string): DeviceRecord | undefined {
    return this.#store.get(deviceId);
  }

  findRequest(requestId: string): DeviceRecord | undefined {
    return this.all.find(({ request }) => request?.requestId === requestId);
  }

  findSurfaceRequest(requestId: string): DeviceRecord | undefined {
    return this.all.find(({ nodeRequest }) => nodeRequest?.requestId === requestId);
  }

  /** The scopes of the device's token for the role, if that is what was presented. */
  scopesOfToken(deviceId: string, role: Role, presented: readonly string[]): readonly string[] | undefined {
    const record = this.find(deviceId);
    return record && this.#tokens.find(record, role, presented)?.scopes;
  }

  tokenOf(deviceId: string, role: Role): { readonly token: string; readonly issuedAtMs: number } | undefined {
    const record = this.find(deviceId);
    const token = record && this.#tokens.tokenOf(record, role);
    const facts = record?.tokens[role];
    return token === undefined || facts === undefined
      ? undefined
      : { token, issuedAtMs: facts.rotatedAtMs ?? facts.createdAtMs };
  }

  /** Lets the device in as it asks, or remembers that it asks. `isTrustedPlace`: being there is approval enough. */
  async pair(ask: PairingAsk, isTrustedPlace: boolean): Promise<PairingOutcome> {
    const record = this.find(ask.deviceId);
    const reason = pairingReason(record, ask);
    if (record !== undefined && reason === undefined) return { status: 'paired', record: await this.#seen(record) };
    const needed = reason ?? 'not-paired';
    const isSilent = isTrustedPlace && isSilentlyApproved(record, ask, needed);
    return isSilent ? this.#pairSilently(record, ask) : this.#remember(record, ask, needed);
  }

  /** Returns the device as approved. The caller has checked who approves. */
  async approve(record: DeviceRecord, request: PairingRequest): Promise<DeviceRecord> {
    const next = approved(record, 'owner', this.#deps.nowMs());
    await this.#store.put(next);
    this.#resolved(request.requestId, next.deviceId, 'approved');
    return next;
  }

  async reject(record: DeviceRecord, request: PairingRequest): Promise<void> {
    const next = rejected(record);
    await (next === undefined ? this.#store.delete(record.deviceId) : this.#store.put(next));
    this.#resolved(request.requestId, record.deviceId, 'rejected');
  }

  async remove(deviceId: string): Promise<void> {
    await this.#store.delete(deviceId);
    this.#deps.onAccessLost(deviceId);
    this.#changed();
  }

  /** It may be a node no more; with nothing else left, it is no device either. */
  async removeNode(record: DeviceRecord): Promise<void> {
    const { approval } = record;
    const roles = approval?.roles.filter((role) => role !== 'node') ?? [];
    if (approval === undefined || roles.length === 0) return this.remove(record.deviceId);
    const { operator } = record.tokens;
    const tokens = operator === undefined ? {} : { operator };
    await this.#store.put({
      ...record,
      node: undefined,
      nodeRequest: undefined,
      approval: { ...approval, roles },
      tokens,
    });
    this.#deps.onAccessLost(record.deviceId, 'node');
    this.#changed();
  }

  async rename(record: DeviceRecord, label: string): Promise<void> {
    await this.#store.put({ ...record, label });
    this.#changed();
  }

  /** Makes the old token worthless and ends whoever came in as this device. */
  async rotate(record: DeviceRecord, role: Role, scopes: readonly string[]): Promise<DeviceRecord> {
    const next = rotated(record, role, { scopes, atMs: this.#deps.nowMs() });
    await this.#store.put(next);
    this.#deps.onAccessLost(record.deviceId, role);
    return next;
  }

  async revoke(record: DeviceRecord, role: Role): Promise<DeviceRecord> {
    const next = revoked(record, role, this.#deps.nowMs());
    await this.#store.put(next);
    this.#deps.onAccessLost(record.deviceId, role);
    return next;
  }

  /** What a node offers now; more than was approved before waits for a person. Resolves with what waits, if anything. */
  async offered(deviceId: string, surface: Surface): Promise<void> {
    const record = this.find(deviceId);
    if (record === undefined) return;
    const { nodeRequest: waiting } = record;
    if (!surfaceGrew(record, surface)) {
      if (waiting !== undefined) await this.#store.put({ ...record, nodeRequest: undefined });
      return;
    }
    const isKnown = waiting !== undefined && JSON.stringify(surfaceOf(waiting)) === JSON.stringify(surface);
    if (isKnown) return;
    const atMs = this.#deps.nowMs();
    const nodeRequest = { requestId: waiting?.requestId ?? randomUUID(), ...surface, atMs };
    const next = { ...record, nodeRequest };
    await this.#store.put(next);
    this.#deps.publish('node.pair.requested', surfaceRequestView(next, nodeRequest));
  }

  async approveSurface(record: DeviceRecord, surface: Surface & { readonly requestId: string }): Promise<DeviceRecord> {
    const atMs = this.#deps.nowMs();
    const node = { ...surfaceOf(surface), createdAtMs: record.node?.createdAtMs ?? atMs, approvedAtMs: atMs };
    const next = { ...record, node, nodeRequest: undefined };
    await this.#store.put(next);
    this.#surfaceResolved(surface.requestId, record.deviceId, 'approved');
    return next;
  }

  async rejectSurface(record: DeviceRecord, requestId: string): Promise<void> {
    await this.#store.put({ ...record, nodeRequest: undefined });
    this.#surfaceResolved(requestId, record.deviceId, 'rejected');
  }

  /** Only what is asked for now: what still waits was asked for from elsewhere. */
  async #pairSilently(record: DeviceRecord | undefined, ask: PairingAsk): Promise<PairingOutcome> {
    const known = record && { ...record, request: undefined };
    const atMs = this.#deps.nowMs();
    const requestId = randomUUID();
    const next = { ...approved(asked(known, ask, { requestId, atMs }), 'silent', atMs), lastSeenAtMs: atMs };
    await this.#store.put(next);
    this.#resolved(requestId, next.deviceId, 'approved');
    return { status: 'paired', record: next };
  }

  async #remember(before: DeviceRecord | undefined, ask: PairingAsk, reason: PairingReason): Promise<PairingOutcome> {
    if (before === undefined) await this.#forgetStrangers();
    const record = asked(before, ask, { requestId: randomUUID(), atMs: this.#deps.nowMs() });
    const { request } = record;
    if (request === undefined) throw new Error('a request that was made is there');
    if (JSON.stringify(before?.request) !== JSON.stringify(request)) {
      await this.#store.put(record);
      this.#deps.publish('device.pair.requested', requestView(record, request));
      this.#changed();
    }
    return { status: 'waiting', reason, request, record };
  }

  async #forgetStrangers(): Promise<void> {
    const strangers = this.all
      .filter(({ approval }) => approval === undefined)
      .toSorted((one, other) => (one.request?.atMs ?? 0) - (other.request?.atMs ?? 0));
    for (const { deviceId } of strangers.slice(0, Math.max(0, strangers.length + 1 - MAX_STRANGERS))) {
      await this.#store.delete(deviceId);
    }
  }

  async #seen(record: DeviceRecord): Promise<DeviceRecord> {
    const nowMs = this.#deps.nowMs();
    if (nowMs - (record.lastSeenAtMs ?? 0) < SEEN_INTERVAL_MS) return record;
    const next = { ...record, lastSeenAtMs: nowMs };
    await this.#store.put(next);
    return next;
  }

  #resolved(requestId: string, deviceId: string, decision: 'approved' | 'rejected'): void {
    this.#deps.publish('device.pair.resolved', { requestId, deviceId, decision, ts: this.#deps.nowMs() });
    this.#changed();
  }

  #surfaceResolved(requestId: string, nodeId: string, decision: 'approved' | 'rejected'): void {
    this.#deps.publish('node.pair.resolved', { requestId, nodeId, decision, ts: this.#deps.nowMs() });
  }

  #changed(): void {
    this.#deps.publish('device.pair.changed', {});
  }
}

function surfaceOf({ caps, commands }: Surface): Surface {
  return { caps, commands };
}
