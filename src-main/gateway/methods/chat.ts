import { randomUUID } from 'node:crypto';

import { z } from 'zod';

import type { Acceptance } from '../agents/run-book.ts';
import { keysOf } from '../sessions/session-events.ts';
import { toAddress } from '../sessions/session-key.ts';
import { assistantMessage } from '../sessions/transcript.ts';
import { failedRun, questionOf } from './ask.ts';
import { invalid } from './method-error.ts';
import { defineMethod, type GatewayState } from './method.ts';
import { AgentId, sessionAt, SessionKey } from './session-params.ts';

const Message = z.string().max(1_000_000);
const RunId = z.string().min(1).max(256);
const Attachments = z.array(z.unknown()).optional();

export const chatSend = defineMethod({
  scope: 'operator.write',
  params: z.object({
    sessionKey: SessionKey,
    agentId: AgentId.optional(),
    message: Message,
    attachments: Attachments,
    timeoutMs: z.int().min(0).optional(),
    idempotencyKey: RunId,
  }),
  run: (state, { sessionKey, idempotencyKey, ...more }) =>
    send(state, { key: sessionKey, runId: idempotencyKey, ...more }),
});

/** The same for programs that think in sessions: the key is the session's, and it may leave the rest to the gateway. */
export const sessionsSend = defineMethod({
  scope: 'operator.write',
  params: z.object({
    key: SessionKey,
    agentId: AgentId.optional(),
    message: Message,
    attachments: Attachments,
    timeoutMs: z.int().min(0).optional(),
    idempotencyKey: RunId.optional(),
  }),
  run: (state, { idempotencyKey = randomUUID(), ...more }) => send(state, { runId: idempotencyKey, ...more }),
});

interface Sent {
  readonly key: string;
  readonly agentId?: string | undefined;
  readonly message: string;
  readonly attachments?: readonly unknown[] | undefined;
  readonly timeoutMs?: number | undefined;
  readonly runId: string;
}

async function send(state: GatewayState, { attachments = [], ...sent }: Sent): Promise<unknown> {
  if (attachments.length > 0) throw invalid('no agent here takes attachments');
  return toAnswer(await state.runs.ask(questionOf(state, sent)));
}

function toAnswer(acceptance: Acceptance): unknown {
  const { runId } = acceptance.run;
  if (acceptance.status === 'started') return { runId, status: 'started' };
  if (acceptance.status === 'going-on') return { runId, status: 'in_flight' };
  const { result } = acceptance.run;
  if (result.status === 'error') throw failedRun(runId, result.message);
  return { runId, status: result.status };
}

export const chatAbort = defineMethod({
  scope: 'operator.write',
  params: z.object({ sessionKey: SessionKey, agentId: AgentId.optional(), runId: z.string().optional() }),
  run: (state, { sessionKey, agentId, runId }) => {
    const { key } = toAddress(sessionKey, agentId ?? state.agents.defaultId);
    const runIds = state.runs.abort({ sessionKey: key, runId });
    return { ok: true, aborted: runIds.length > 0, runIds };
  },
});

export const sessionsAbort = defineMethod({
  scope: 'operator.write',
  params: z.object({ key: SessionKey.optional(), runId: z.string().optional(), agentId: AgentId.optional() }),
  run: (state, { key, runId, agentId = state.agents.defaultId }) => {
    if (key === undefined && runId === undefined) throw invalid('key or runId required');
    const sessionKey = key === undefined ? undefined : toAddress(key, agentId).key;
    const [stopped] = state.runs.abort({ sessionKey, runId });
    return { ok: true, abortedRunId: stopped ?? null, status: stopped === undefined ? 'no-active-run' : 'aborted' };
  },
});

export const chatInject = defineMethod({
  scope: 'operator.admin',
  params: z.object({
    sessionKey: SessionKey,
    agentId: AgentId.optional(),
    message: Message.min(1),
    label: z.string().max(100).optional(),
  }),
  run: async (state, { sessionKey, agentId, message, label }) => {
    const session = sessionAt(state, sessionKey, agentId);
    const facts = { timestamp: state.nowMs(), stopReason: 'injected', ...(label !== undefined && { label }) } as const;
    const stored = await state.database.write(() => state.sessions.append(session, assistantMessage(message, facts)));
    state.sessionEvents.message(keysOf(session), stored);
    state.sessionEvents.changed(keysOf(session), 'inject');
    return { ok: true, messageId: stored.id };
  },
});
