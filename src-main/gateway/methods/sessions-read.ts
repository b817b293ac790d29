import { z } from 'zod';

import { toAddress } from '../sessions/session-key.ts';
import { shortened, toSessionRow } from '../sessions/session-row.ts';
import type { Session } from '../sessions/session-store.ts';
import { textOf, toWire } from '../sessions/transcript.ts';
import { invalid } from './method-error.ts';
import { defineMethod, type GatewayState } from './method.ts';
import { AgentId, SessionKey } from './session-params.ts';

const Previews = { includeDerivedTitles: z.boolean().optional(), includeLastMessage: z.boolean().optional() };

const ListParams = z
  .object({
    limit: z.int().min(1).optional(),
    offset: z.int().min(0).optional(),
    activeMinutes: z.int().min(1).optional(),
    agentId: AgentId.optional(),
    label: z.string().optional(),
    search: z.string().max(512).optional(),
    archived: z.union([z.boolean(), z.literal('all')]).optional(),
    ...Previews,
  })
  .prefault({});

const DEFAULT_LIMIT = 100;
const MAX_LIMIT = 1_000;
const PREVIEW_ITEMS = 12;
const PREVIEW_CHARACTERS = 240;

/** What a session without settings of its own runs on. */
export function sessionDefaults({ agents }: GatewayState): Record<string, unknown> {
  const { provider, model } = agents.all[0] ?? { provider: null, model: null };
  return { modelProvider: provider, model, contextTokens: null };
}

export const sessionsList = defineMethod({
  scope: 'operator.read',
  params: ListParams,
  run: (state, params) => {
    const { activeMinutes, archived = false, agentId, label, search } = params;
    const updatedSinceMs = activeMinutes === undefined ? undefined : state.nowMs() - activeMinutes * 60_000;
    const filter = { agentId, label, search, archived, updatedSinceMs };
    const { offset = 0 } = params;
    const limit = Math.min(params.limit ?? DEFAULT_LIMIT, MAX_LIMIT);
    const page = state.sessions.list(filter, { limit, offset });
    const totalCount = state.sessions.count(filter);
    const end = offset + page.length;
    return {
      ts: state.nowMs(),
      path: state.database.file,
      count: page.length,
      totalCount,
      limitApplied: limit,
      nextOffset: end < totalCount ? end : null,
      hasMore: end < totalCount,
      owners: [],
      defaults: sessionDefaults(state),
      sessions: page.map((session) => toSessionRow(session, state, params)),
    };
  },
});

export const sessionsDescribe = defineMethod({
  scope: 'operator.read',
  params: z.object({ key: SessionKey, agentId: AgentId.optional(), ...Previews }),
  run: (state, { key, agentId, ...options }) => {
    const session = find(state, key, agentId);
    return { session: session === undefined ? null : toSessionRow(session, state, options) };
  },
});

const ResolveParams = z.object({
  key: SessionKey.optional(),
  sessionId: z.string().min(1).optional(),
  label: z.string().min(1).optional(),
  agentId: AgentId.optional(),
  allowMissing: z.boolean().optional(),
});

export const sessionsResolve = defineMethod({
  scope: 'operator.read',
  params: ResolveParams,
  run: (state, params) => {
    const given = [params.key, params.sessionId, params.label].filter((each) => each !== undefined);
    if (given.length !== 1) throw invalid('give one of key, sessionId and label');
    const matches = resolve(state, params);
    const [only] = matches;
    if (only !== undefined && matches.length === 1) return { ok: true, ...candidate(only) };
    if (matches.length > 1) return { ok: false, candidates: matches.slice(0, 10).map(candidate) };
    if (params.allowMissing === true) return { ok: false };
    throw invalid(`No session found: ${given.join('')}`);
  },
});

function resolve(state: GatewayState, params: z.infer<typeof ResolveParams>): readonly Session[] {
  const { key, sessionId, label, agentId } = params;
  if (key !== undefined) {
    const session = find(state, key, agentId);
    return session === undefined ? [] : [session];
  }
  const all = state.sessions.list({ agentId, label, archived: 'all' });
  return sessionId === undefined ? all : all.filter((session) => session.sessionId === sessionId);
}

function candidate({ key, agentId, settings: { label } }: Session): Record<string, unknown> {
  return { key, agentId, ...(label !== undefined && { displayName: label }) };
}

export const sessionsPreview = defineMethod({
  scope: 'operator.read',
  params: z.object({
    keys: z.array(SessionKey).max(200),
    limit: z.int().min(1).max(100).optional(),
    maxChars: z.int().min(20).max(10_000).optional(),
  }),
  run: (state, { keys, limit = PREVIEW_ITEMS, maxChars = PREVIEW_CHARACTERS }) => ({
    ts: state.nowMs(),
    previews: keys.map((key) => {
      const session = find(state, key);
      if (session === undefined) return { key, status: 'missing', items: [] };
      const items = state.sessions
        .tail(session.sessionId, { limit })
        .map(({ message }) => ({ role: message.role, text: shortened(textOf(message), maxChars) }));
      return { key, status: items.length === 0 ? 'empty' : 'ok', items };
    }),
  }),
});

export const sessionsGet = defineMethod({
  scope: 'operator.read',
  params: z.object({ key: SessionKey, agentId: AgentId.optional(), limit: z.int().min(1).max(1_000).optional() }),
  run: (state, { key, agentId, limit = 200 }) => {
    const session = find(state, key, agentId);
    const messages = session === undefined ? [] : state.sessions.tail(session.sessionId, { limit });
    return { messages: messages.map(toWire) };
  },
});

function find(state: GatewayState, key: string, agentId?: string): Session | undefined {
  return state.sessions.find(toAddress(key, agentId ?? state.agents.defaultId).key);
}
