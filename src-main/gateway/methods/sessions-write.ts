import { randomUUID } from 'node:crypto';

import { z } from 'zod';

import { keysOf } from '../sessions/session-events.ts';
import { isMainSession } from '../sessions/session-key.ts';
import { toSessionRow } from '../sessions/session-row.ts';
import type { Session, SessionSettings } from '../sessions/session-store.ts';
import { invalid } from './method-error.ts';
import { defineMethod, type GatewayState } from './method.ts';
import { addressOf, AgentId, sessionAt, SessionKey } from './session-params.ts';

/** Absent leaves it as it is, null sets it back. */
const setting = (maxLength: number) => z.string().min(1).max(maxLength).nullable().optional();

const Settings = {
  label: setting(512),
  icon: setting(64),
  color: setting(64),
  category: setting(512),
  model: setting(256),
  thinkingLevel: setting(64),
  verboseLevel: setting(64),
  reasoningLevel: setting(64),
};

const PatchParams = z.object({
  key: SessionKey,
  agentId: AgentId.optional(),
  expectedSessionId: z.string().optional(),
  archived: z.boolean().optional(),
  pinned: z.boolean().optional(),
  unread: z.boolean().optional(),
  ...Settings,
});

export const sessionsPatch = defineMethod({
  scope: 'operator.write',
  params: PatchParams,
  run: async (state, params) => {
    const address = addressOf(state, params.key, params.agentId);
    const session = await state.database.write(() => {
      const before = state.sessions.ensure(address, state.nowMs());
      checkExpected(before, params.expectedSessionId);
      const settings = patched(before.settings, params, state.nowMs());
      checkLabel(state, address.key, settings.label);
      state.sessions.patch(address.key, settings, state.nowMs());
      return sessionAt(state, address.key);
    });
    state.sessionEvents.changed(keysOf(session), 'patch');
    return { ok: true, path: state.database.file, key: session.key, entry: toSessionRow(session, state) };
  },
});

function patched(before: SessionSettings, params: z.infer<typeof PatchParams>, atMs: number): SessionSettings {
  const { archived, pinned, unread } = params;
  const instants = { archivedAt: archived, pinnedAt: pinned, markedUnreadAt: unread };
  const texts = Object.fromEntries(Object.keys(Settings).map((name) => [name, params[name as keyof typeof Settings]]));
  const changes: [string, unknown][] = [
    ...Object.entries(texts),
    ...Object.entries(instants).map(([name, on]): [string, unknown] => [name, on === false ? null : on && atMs]),
  ];
  const told = changes.filter(([, value]) => value !== undefined);
  return Object.fromEntries(
    Object.entries({ ...before, ...Object.fromEntries(told) }).filter(([, value]) => value !== null),
  );
}

/** Sessions are asked for by their label too, so it must say which one is meant. */
function checkLabel({ sessions }: GatewayState, key: string, label: string | undefined): void {
  if (label === undefined) return;
  const others = sessions.list({ label, archived: 'all' }).filter((other) => other.key !== key);
  if (others.length > 0) throw invalid(`label already in use: ${label}`);
}

function checkExpected({ sessionId }: Session, expected: string | undefined): void {
  if (expected !== undefined && expected !== sessionId) throw invalid('session changed since last load; load it again');
}

const CreateParams = z
  .object({ key: SessionKey.optional(), agentId: AgentId.optional(), label: z.string().min(1).max(512).optional() })
  .prefault({});

export const sessionsCreate = defineMethod({
  scope: 'operator.write',
  params: CreateParams,
  run: async (state, { key = `dashboard:${randomUUID()}`, agentId, label }) => {
    const address = addressOf(state, key, agentId);
    const session = await state.database.write(() => {
      const begun = state.sessions.ensure(address, state.nowMs());
      if (label === undefined) return begun;
      checkLabel(state, address.key, label);
      state.sessions.patch(address.key, { ...begun.settings, label }, state.nowMs());
      return sessionAt(state, address.key);
    });
    state.sessionEvents.changed(keysOf(session), 'create');
    const { sessionId } = session;
    return { ok: true, key: session.key, sessionId, entry: toSessionRow(session, state), runStarted: false };
  },
});

export const sessionsReset = defineMethod({
  scope: 'operator.admin',
  params: z.object({ key: SessionKey, agentId: AgentId.optional(), reason: z.enum(['new', 'reset']).optional() }),
  run: async (state, { key, agentId, reason = 'reset' }) => {
    const address = addressOf(state, key, agentId);
    // An answer to what was said before has no place in the new transcript.
    state.runs.abort({ sessionKey: address.key });
    const session = await state.database.write(() => {
      state.sessions.ensure(address, state.nowMs());
      state.sessions.reset(address.key, state.nowMs());
      return sessionAt(state, address.key);
    });
    state.sessionEvents.changed(keysOf(session), reason);
    return { ok: true, key: session.key, entry: toSessionRow(session, state) };
  },
});

export const sessionsDelete = defineMethod({
  scope: 'operator.admin',
  params: z.object({
    key: SessionKey,
    agentId: AgentId.optional(),
    deleteTranscript: z.boolean().optional(),
    expectedSessionId: z.string().optional(),
  }),
  run: async (state, { key, agentId, deleteTranscript = true, expectedSessionId }) => {
    const address = addressOf(state, key, agentId);
    if (isMainSession(address)) throw invalid(`Cannot delete the main session (${address.key}).`);
    state.runs.abort({ sessionKey: address.key });
    const deleted = await state.database.write(() => {
      const session = state.sessions.find(address.key);
      if (session !== undefined) checkExpected(session, expectedSessionId);
      return state.sessions.delete(address.key, deleteTranscript);
    });
    if (deleted) state.sessionEvents.changed(keysOf(address), 'delete');
    return { ok: true, key: address.key, deleted, archived: [] };
  },
});
