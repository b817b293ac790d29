import { z } from 'zod';

import { pairedNodeView, surfaceRequestView } from '../devices/device-views.ts';
import { isAllowedCommand, scopeOfCommand, scopesToApprove } from '../devices/node-commands.ts';
import type { Invocation, InvocationOutcome } from '../devices/node-invocations.ts';
import { invalid, MethodError, requireScope } from './method-error.ts';
import { defineMethod, type GatewayState } from './method.ts';

const Id = z.string().min(1).max(200);
const NoParams = z.strictObject({}).optional();
const pairing = 'operator.pairing';

export const nodePairList = defineMethod({
  scope: pairing,
  params: NoParams,
  run: ({ devices }) => ({
    pending: devices.all.flatMap((record) =>
      record.nodeRequest === undefined ? [] : [surfaceRequestView(record, record.nodeRequest)],
    ),
    paired: devices.all.flatMap((record) => pairedNodeView(record) ?? []),
  }),
});

export const nodePairApprove = defineMethod({
  scope: pairing,
  params: z.strictObject({ requestId: Id }),
  run: async (state, { requestId }, caller) => {
    const { record, request } = surfaceRequestOf(state, requestId);
    const required = scopesToApprove(request.commands);
    for (const scope of required) requireScope(caller, scope, required);
    const approved = await state.devices.approveSurface(record, request);
    state.nodes.lineOf(record.deviceId)?.sendBare('node.pair.resolved', resolution(state, record.deviceId, requestId));
    return { requestId, node: pairedNodeView(approved) };
  },
});

export const nodePairReject = defineMethod({
  scope: pairing,
  params: z.strictObject({ requestId: Id }),
  run: async (state, { requestId }) => {
    const { record } = surfaceRequestOf(state, requestId);
    await state.devices.rejectSurface(record, requestId);
    return { requestId, nodeId: record.deviceId };
  },
});

export const nodePairRemove = defineMethod({
  scope: pairing,
  params: z.strictObject({ nodeId: Id }),
  run: async ({ devices, nodes }, { nodeId }) => {
    const record = nodes.find(nodeId);
    if (record === undefined) throw invalid('unknown nodeId');
    await devices.removeNode(record);
    return { nodeId };
  },
});

export const nodeList = defineMethod({
  scope: 'operator.read',
  params: NoParams,
  run: ({ nodes, nowMs }) => ({ ts: nowMs(), nodes: nodes.all.map((record) => nodes.view(record)) }),
});

export const nodeDescribe = defineMethod({
  scope: 'operator.read',
  params: z.strictObject({ nodeId: Id }),
  run: ({ nodes, nowMs }, { nodeId }) => {
    const record = nodes.find(nodeId);
    if (record === undefined) throw invalid('unknown nodeId');
    return { ts: nowMs(), ...nodes.view(record) };
  },
});

export const nodeRename = defineMethod({
  scope: pairing,
  params: z.strictObject({ nodeId: Id, displayName: z.string().trim().min(1).max(64) }),
  run: async ({ devices, nodes }, { nodeId, displayName }) => {
    const record = nodes.find(nodeId);
    if (record === undefined) throw invalid('unknown nodeId');
    await devices.rename(record, displayName);
    return { nodeId, displayName };
  },
});

const DEFAULT_TIMEOUT_MS = 30_000;
const MAX_TIMEOUT_MS = 600_000;

export const nodeInvoke = defineMethod({
  scope: 'operator.write',
  // Where the turn came from is for gateways with channels; it is taken and not used.
  params: z.looseObject({
    nodeId: Id,
    command: Id,
    params: z.unknown().optional(),
    timeoutMs: z.int().min(0).optional(),
    idempotencyKey: Id,
  }),
  run: async (state, { timeoutMs = DEFAULT_TIMEOUT_MS, params, ...asked }, caller) => {
    const invocation = { ...asked, params, timeoutMs: Math.min(Math.max(1, timeoutMs), MAX_TIMEOUT_MS) };
    checkCommand(state, invocation.command);
    requireScope(caller, scopeOfCommand(invocation.command));
    const outcome = await (state.invocations.again(invocation) ?? send(state, invocation));
    return toResult(invocation, outcome);
  },
});

/** @throws MethodError when no node may be asked for that, whoever asks. */
function checkCommand({ nodeRules }: GatewayState, command: string): void {
  if (command.startsWith('system.execApprovals.')) {
    throw invalid('node.invoke does not allow system.execApprovals.*; use exec.approvals.node.*', { command });
  }
  if (isAllowedCommand(command, nodeRules())) return;
  const details = { reason: 'command not allowlisted', command };
  throw invalid(`node command not allowed: "${command}" is not in gateway.nodes.commands.allow`, details);
}

function send(state: GatewayState, invocation: Invocation): Promise<InvocationOutcome> {
  const { nodes, invocations } = state;
  const { nodeId, command } = invocation;
  const record = nodes.find(nodeId);
  if (record?.node === undefined) throw pairingChanged();
  const line = nodes.lineOf(nodeId);
  if (line === undefined) throw notConnected();
  if (!nodes.surfaceOf(record).commands.includes(command)) {
    const details = { reason: 'command not declared', command };
    throw invalid(`node command not allowed: "${command}" is not offered by this node`, details);
  }
  if (invocations.isFull(nodeId)) {
    const message = 'too many commands wait for this node';
    throw new MethodError({ code: 'UNAVAILABLE', message, retryable: true, retryAfterMs: 1_000 });
  }
  return invocations.send(line, invocation);
}

function toResult({ nodeId, command }: Invocation, outcome: InvocationOutcome): object {
  if (outcome.status === 'done') {
    return { ok: true, nodeId, command, payload: outcome.payload, payloadJSON: outcome.payloadJSON ?? null };
  }
  const { error } = outcome;
  throw new MethodError({
    code: 'UNAVAILABLE',
    message: `${error.code}: ${error.message}`,
    details: { nodeError: error, nodeCommandDispatched: true },
  });
}

function pairingChanged(): MethodError {
  const message = 'node pairing changed while invocation was active';
  return new MethodError({ code: 'UNAVAILABLE', message, retryable: true, details: { code: 'PAIRING_CHANGED' } });
}

function notConnected(): MethodError {
  const nodeError = { code: 'NOT_CONNECTED', message: 'node not connected' };
  const details = { code: 'NOT_CONNECTED', nodeError, nodeCommandDispatched: false };
  return new MethodError({ code: 'UNAVAILABLE', message: 'node not connected', details });
}

function surfaceRequestOf({ devices }: GatewayState, requestId: string) {
  const record = devices.findSurfaceRequest(requestId);
  if (record?.nodeRequest === undefined) throw invalid('unknown requestId');
  return { record, request: record.nodeRequest };
}

function resolution({ nowMs }: GatewayState, nodeId: string, requestId: string): object {
  return { requestId, nodeId, decision: 'approved', ts: nowMs() };
}
