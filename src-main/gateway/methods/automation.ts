import { randomUUID } from 'node:crypto';

import { z } from 'zod';

import { keysOf } from '../sessions/session-events.ts';
import { userMessage } from '../sessions/transcript.ts';
import { questionOf } from './ask.ts';
import { defineMethod } from './method.ts';
import { addressOf, AgentId, SessionKey } from './session-params.ts';

/** Nothing runs by the clock here, so there are no jobs, and the list of them never changes. */
const NO_JOBS = 'none';

export const cronList = defineMethod({
  scope: 'operator.read',
  params: z.object({ limit: z.int().min(1).max(200).optional(), offset: z.int().min(0).optional() }).prefault({}),
  run: (_state, { limit = 50, offset = 0 }) => ({
    jobs: [],
    snapshotRevision: NO_JOBS,
    total: 0,
    offset,
    limit,
    hasMore: false,
    nextOffset: null,
    deliveryPreviews: {},
  }),
});

export const cronStatus = defineMethod({
  scope: 'operator.read',
  params: z.object({}).prefault({}),
  run: ({ database }) => ({
    enabled: false,
    triggersEnabled: false,
    storePath: database.file,
    storage: 'sqlite',
    sqlitePath: database.file,
    jobs: 0,
    nextWakeAtMs: null,
  }),
});

export const skillsStatus = defineMethod({
  scope: 'operator.read',
  params: z.object({ agentId: AgentId.optional(), sessionKey: SessionKey.optional() }).prefault({}),
  run: ({ agents, options }, { agentId = agents.defaultId }) => ({
    workspaceDir: options.home,
    managedSkillsDir: options.home,
    agentId,
    skills: [],
  }),
});

/** There is no heartbeat here, so there was none. */
export const lastHeartbeat = defineMethod({
  scope: 'operator.read',
  params: z.object({}).prefault({}),
  run: () => null,
});

/** Tells the agent something: `now` asks for its answer, `next-heartbeat` leaves it in the session for the next one. */
export const wake = defineMethod({
  scope: 'operator.write',
  params: z.object({
    mode: z.enum(['now', 'next-heartbeat']),
    text: z.string().min(1).max(100_000),
    sessionKey: SessionKey.optional(),
    agentId: AgentId.optional(),
  }),
  run: async (state, { mode, text, sessionKey = 'main', agentId }) => {
    if (mode === 'now') {
      await state.runs.ask(
        questionOf(state, { key: sessionKey, agentId, message: text, runId: `wake:${randomUUID()}` }),
      );
      return { ok: true };
    }
    const address = addressOf(state, sessionKey, agentId);
    const stored = await state.database.write(() => {
      const session = state.sessions.ensure(address, state.nowMs());
      return state.sessions.append(session, userMessage(text, state.nowMs()));
    });
    state.sessionEvents.message(keysOf(address), stored);
    state.sessionEvents.changed(keysOf(address), 'send');
    return { ok: true };
  },
});

/** Commands on this computer: agents here have no tool that could run one, so there is nothing to approve. */
export const execApprovalsGet = defineMethod({
  scope: 'operator.admin',
  params: z.object({}).prefault({}),
  run: ({ database }) => ({
    path: `${database.file}#exec_approvals`,
    exists: false,
    file: { version: 1, defaults: {}, agents: {} },
    hash: 'none',
    resolvedDefaults: { security: 'deny', ask: 'always', askFallback: 'deny', autoAllowSkills: false },
  }),
});
