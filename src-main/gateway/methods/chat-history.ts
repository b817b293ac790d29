import { z } from 'zod';

import { toAddress } from '../sessions/session-key.ts';
import { toSessionRow } from '../sessions/session-row.ts';
import { textOf, toWire, type StoredMessage } from '../sessions/transcript.ts';
import { defineMethod } from './method.ts';
import { AgentId, SessionKey } from './session-params.ts';
import { sessionDefaults } from './sessions-read.ts';

const DEFAULT_LIMIT = 200;

export const chatHistory = defineMethod({
  scope: 'operator.read',
  params: z.object({
    sessionKey: SessionKey,
    agentId: AgentId.optional(),
    limit: z.int().min(1).max(1_000).optional(),
    offset: z.int().min(0).optional(),
    maxChars: z.int().min(1).max(500_000).optional(),
  }),
  run: (state, { sessionKey, agentId, limit = DEFAULT_LIMIT, offset = 0, maxChars }) => {
    const { key } = toAddress(sessionKey, agentId ?? state.agents.defaultId);
    const session = state.sessions.find(key);
    const base = { sessionKey, pendingInputs: { items: [], total: 0 }, defaults: sessionDefaults(state) };
    if (session === undefined) return { ...base, messages: [], hasMore: false, totalMessages: 0 };
    const totalMessages = state.sessions.countMessages(session.sessionId);
    const page = state.sessions.tail(session.sessionId, { limit, skip: offset });
    const messages = maxChars === undefined ? page : newestWithin(page, maxChars);
    return {
      ...base,
      sessionId: session.sessionId,
      messages: messages.map(toWire),
      hasMore: offset + messages.length < totalMessages,
      totalMessages,
      sessionInfo: { ...toSessionRow(session, state), activeRunIds: state.runs.activeIn(key) },
    };
  },
});

/** The last messages whose texts fit together; the newest always. */
function newestWithin(messages: readonly StoredMessage[], maxChars: number): readonly StoredMessage[] {
  let left = maxChars;
  const from = messages.findLastIndex((stored, index) => {
    left -= textOf(stored.message).length;
    return left < 0 && index < messages.length - 1;
  });
  return messages.slice(from + 1);
}

export const chatMessageGet = defineMethod({
  scope: 'operator.read',
  params: z.object({ sessionKey: SessionKey, agentId: AgentId.optional(), messageId: z.string().min(1) }),
  run: (state, { sessionKey, agentId, messageId }) => {
    const session = state.sessions.find(toAddress(sessionKey, agentId ?? state.agents.defaultId).key);
    const stored = session && state.sessions.message(session.sessionId, messageId);
    return stored === undefined ? { ok: false, unavailableReason: 'not_found' } : { ok: true, message: toWire(stored) };
  },
});
