import type { DeviceFacts, DeviceRecord, PairingRequest, SurfaceRequest } from './device-record.ts';
import { scopesToApprove } from './node-commands.ts';

// Devices in the shapes of the protocol; `undefined` fields are left out when they are written as JSON.

export function requestView({ deviceId, publicKey }: DeviceRecord, request: PairingRequest): object {
  const { requestId, facts, roles, scopes, origin, remoteIp, isRepair, atMs } = request;
  return {
    requestId,
    deviceId,
    publicKey,
    ...factsView(facts),
    browserOrigin: origin,
    role: roles[0],
    roles,
    scopes,
    remoteIp,
    silent: false,
    isRepair,
    ts: atMs,
  };
}

/** A paired device; `undefined` when it is not. */
export function deviceView({ deviceId, publicKey, label, facts, approval, tokens }: DeviceRecord): object | undefined {
  if (approval === undefined) return undefined;
  const { via, roles, scopes, createdAtMs, approvedAtMs } = approval;
  return {
    deviceId,
    publicKey,
    label,
    ...factsView(facts),
    role: roles[0],
    roles,
    scopes,
    approvedVia: via,
    createdAtMs,
    approvedAtMs,
    tokens: Object.entries(tokens).map(([role, token]) => ({
      role,
      scopes: token.scopes,
      createdAtMs: token.createdAtMs,
      rotatedAtMs: token.rotatedAtMs,
      revokedAtMs: token.revokedAtMs,
    })),
  };
}

export function surfaceRequestView(record: DeviceRecord, request: SurfaceRequest): object {
  const { requestId, caps, commands, atMs } = request;
  return {
    requestId,
    nodeId: record.deviceId,
    ...nodeFactsView(record),
    caps,
    commands,
    requiredApproveScopes: scopesToApprove(commands),
    ts: atMs,
  };
}

/** A node whose surface was approved; `undefined` when it was not. */
export function pairedNodeView(record: DeviceRecord): object | undefined {
  const { deviceId, node, lastSeenAtMs } = record;
  if (node === undefined) return undefined;
  const { caps, commands, createdAtMs, approvedAtMs } = node;
  return { nodeId: deviceId, ...nodeFactsView(record), caps, commands, createdAtMs, approvedAtMs, lastSeenAtMs };
}

export function nodeFactsView({ label, facts }: DeviceRecord): object {
  return { ...factsView(facts), displayName: label ?? facts.displayName, version: facts.version };
}

function factsView({ displayName, platform, deviceFamily, clientId, clientMode }: DeviceFacts): object {
  return { displayName, platform, deviceFamily, clientId, clientMode };
}
