import { z } from 'zod';

import type { InvocationOutcome } from '../devices/node-invocations.ts';
import { invalid } from './method-error.ts';
import { defineMethod, type Caller, type GatewayState } from './method.ts';

// What a node calls. It is its device, so it can speak for itself alone.

const Id = z.string().min(1).max(200);
/** A report about the node itself; answers to commands may be as large as a frame. */
const MAX_REPORT_LENGTH = 64 * 1024;

export const nodeInvokeResult = defineMethod({
  scope: 'node',
  params: z.object({
    id: Id,
    nodeId: Id,
    ok: z.boolean(),
    payload: z.unknown().optional(),
    payloadJSON: z.string().optional(),
    error: z.object({ code: z.string().max(200).optional(), message: z.string().max(10_000).optional() }).optional(),
  }),
  run: ({ invocations }, { id, nodeId, ...answer }, caller) => {
    if (nodeId !== nodeOf(caller)) throw invalid('nodeId mismatch');
    const isAwaited = invocations.answered(id, nodeId, toOutcome(answer));
    return isAwaited ? { ok: true } : { ok: true, ignored: true };
  },
});

interface Answer {
  readonly ok: boolean;
  readonly payload?: unknown;
  readonly payloadJSON?: string | undefined;
  readonly error?: { readonly code?: string | undefined; readonly message?: string | undefined } | undefined;
}

function toOutcome({ ok, payload, payloadJSON, error }: Answer): InvocationOutcome {
  if (!ok) {
    const { code = 'UNAVAILABLE', message = 'node invoke failed' } = error ?? {};
    return { status: 'failed', error: { code, message } };
  }
  return { status: 'done', payload: payload ?? parsed(payloadJSON), payloadJSON };
}

function parsed(json: string | undefined): unknown {
  try {
    return json === undefined ? undefined : JSON.parse(json);
  } catch {
    return undefined;
  }
}

export const nodeEvent = defineMethod({
  scope: 'node',
  params: z.object({ event: Id, payload: z.unknown().optional(), payloadJSON: z.string().optional() }),
  run: (state, { event, payload, payloadJSON }, caller) => {
    if (event !== 'node.host.stats') return { ok: true, event, handled: false, reason: 'unsupported_event' };
    const stats = payload ?? parsed(payloadJSON);
    if (typeof stats !== 'object' || stats === null || isTooLong(stats)) {
      return { ok: true, event, handled: false, reason: 'invalid_payload' };
    }
    state.nodes.told(nodeOf(caller), 'stats', stats);
    return { ok: true, event, handled: true };
  },
});

export const nodeSkillsUpdate = defineMethod({
  scope: 'node',
  params: z.object({ skills: z.array(z.looseObject({ name: z.string().max(64) })).max(64) }),
  run: (state, { skills }, caller) => keep(state, caller, { skills }),
});

export const nodePluginToolsUpdate = defineMethod({
  scope: 'node',
  params: z.object({ tools: z.array(z.looseObject({ name: z.string().max(64) })).max(256) }),
  run: (state, { tools }, caller) => keep(state, caller, { tools }),
});

export const nodeRunnerInventoryUpdate = defineMethod({
  scope: 'node',
  params: z.looseObject({ protocolFeatures: z.array(z.string().max(200)).max(100) }),
  run: (state, inventory, caller) => {
    keep(state, caller, { inventory });
    return { ok: true };
  },
});

/** Tells the node back what is known of it now. */
function keep({ nodes }: GatewayState, caller: Caller, told: Readonly<Record<string, unknown>>): object {
  const nodeId = nodeOf(caller);
  for (const [kind, value] of Object.entries(told)) {
    if (isTooLong(value)) throw invalid('too large');
    nodes.told(nodeId, kind, value);
  }
  return { nodeId, ...told };
}

function isTooLong(value: unknown): boolean {
  return JSON.stringify(value).length > MAX_REPORT_LENGTH;
}

/** Nodes are let in with a device only. */
function nodeOf({ deviceId }: Caller): string {
  if (deviceId === undefined) throw invalid('a node without a device');
  return deviceId;
}
