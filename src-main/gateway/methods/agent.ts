import { z } from 'zod';

import type { Run, RunResult } from '../agents/run.ts';
import { failedRun, questionOf } from './ask.ts';
import { invalid } from './method-error.ts';
import { defineMethod, type GatewayState } from './method.ts';
import { AgentId, SessionKey } from './session-params.ts';

const AgentParams = z.object({
  message: z.string().min(1).max(1_000_000),
  agentId: AgentId.optional(),
  sessionKey: SessionKey.optional(),
  sessionId: z.string().min(1).optional(),
  /** Seconds. */
  timeout: z.int().min(0).optional(),
  attachments: z.array(z.unknown()).max(0, { error: 'no agent here takes attachments' }).optional(),
  idempotencyKey: z.string().min(1).max(256),
});

/** Answers twice: that the question is accepted, and how the answer came out. */
export const agent = defineMethod({
  scope: 'operator.write',
  params: AgentParams,
  run: async (state, params, { accept }) => {
    const { message, agentId, idempotencyKey: runId, timeout } = params;
    if (agentId !== undefined && state.agents.find(agentId) === undefined) {
      throw invalid(`invalid agent params: unknown agent id "${agentId}"`);
    }
    const key = sessionKeyOf(state, params);
    const timeoutMs = timeout === undefined ? undefined : timeout * 1_000;
    const acceptance = await state.runs.ask(questionOf(state, { key, agentId, message, timeoutMs, runId }));
    if (acceptance.status === 'ended') return final(state, acceptance.run, acceptance.run);
    const { sessionKey, acceptedAtMs: acceptedAt } = acceptance.run;
    accept({ runId, sessionKey, agentId: acceptance.run.agentId, status: 'accepted', acceptedAt });
    const ended = await acceptance.ended;
    return final(state, ended, ended);
  },
});

function sessionKeyOf({ sessions }: GatewayState, params: z.infer<typeof AgentParams>): string {
  const { sessionKey, sessionId } = params;
  if (sessionKey !== undefined || sessionId === undefined) return sessionKey ?? 'main';
  const session = sessions.list({ archived: 'all' }).find((each) => each.sessionId === sessionId);
  return session?.key ?? `explicit:${sessionId}`;
}

interface Outcome {
  readonly result: RunResult;
  readonly acceptedAtMs: number;
  readonly endedAtMs: number | undefined;
}

function final(state: GatewayState, run: Pick<Run, 'runId' | 'sessionKey' | 'agentId'>, outcome: Outcome): unknown {
  const { result, acceptedAtMs, endedAtMs = acceptedAtMs } = outcome;
  const durationMs = endedAtMs - acceptedAtMs;
  const { runId, agentId } = run;
  if (result.status === 'error') throw failedRun(runId, result.message);
  const summary = result.status === 'ok' ? 'completed' : result.status;
  const { provider, model } = state.agents.find(agentId) ?? {};
  const sessionId = state.sessions.find(run.sessionKey)?.sessionId;
  return {
    runId,
    status: result.status,
    summary,
    result: {
      payloads: [{ text: result.text, mediaUrl: null }],
      meta: { durationMs, aborted: result.status !== 'ok', agentMeta: { sessionId, provider, model } },
    },
  };
}

export const agentWait = defineMethod({
  scope: 'operator.write',
  params: z.object({ runId: z.string().min(1), timeoutMs: z.int().min(0).max(3_600_000).optional() }),
  run: async (state, { runId, timeoutMs = 30_000 }) => {
    const ending = state.runs.ending(runId);
    if (ending !== undefined) await state.within(timeoutMs, ending);
    const known = state.ledger.find(runId);
    if (known?.result === undefined) return { runId, status: 'timeout' };
    const { result, acceptedAtMs: startedAt, endedAtMs: endedAt } = known;
    const error = result.status === 'error' ? { error: result.message } : {};
    return { runId, status: result.status, startedAt, endedAt, ...error };
  },
});

export const agentIdentity = defineMethod({
  scope: 'operator.read',
  params: z.object({ agentId: AgentId.optional(), sessionKey: SessionKey.optional() }).prefault({}),
  run: ({ agents }, { agentId = agents.defaultId }) => {
    const found = agents.find(agentId);
    if (found === undefined) throw invalid(`unknown agent id "${agentId}"`);
    return { agentId, name: found.name, nameSource: 'default', avatar: found.name.slice(0, 1) };
  },
});

export const agentsList = defineMethod({
  scope: 'operator.read',
  params: z.object({}).prefault({}),
  run: ({ agents }) => ({
    defaultId: agents.defaultId,
    ownership: 'sole',
    selectionRequired: false,
    mainKey: 'main',
    scope: 'per-sender',
    agents: agents.all.map(({ id, name, provider, model }) => ({
      id,
      kind: 'agent',
      name,
      model: { primary: `${provider}/${model}` },
    })),
  }),
});

/** The models of providers. The concierge is none: it runs on this gateway and cannot be chosen for anything else. */
export const modelsList = defineMethod({
  scope: 'operator.read',
  params: z.object({ agentId: AgentId.optional(), view: z.string().optional() }).prefault({}),
  run: () => ({ models: [] }),
});
