import { z } from 'zod';

import { sessionSummary } from './health.ts';
import type { GatewayState, Method } from './method.ts';
import { sessionDefaults } from './sessions-read.ts';

const RECENT = 10;

function statusPayload(state: GatewayState): Record<string, unknown> {
  const { agents, sessions, database } = state;
  const counts = { total: 0, active: 0, terminal: 0, failures: 0, byStatus: {}, byRuntime: {} };
  return {
    runtimeVersion: state.version,
    heartbeat: { defaultAgentId: agents.defaultId, agents: [] },
    channelSummary: [],
    queuedSystemEvents: [],
    degradedSecretOwners: [],
    degradedPlugins: [],
    tasks: counts,
    taskAudit: { total: 0, warnings: 0, errors: 0, byCode: {} },
    sessions: {
      paths: [database.file],
      count: sessions.count(),
      defaults: sessionDefaults(state),
      recent: recentSessions(state),
      byAgent: agents.all.map(({ id }) => ({
        agentId: id,
        ...sessionSummary(state, id),
        recent: recentSessions(state, id),
      })),
    },
    modelRuntime: { degraded: false, pendingAgents: [] },
    eventLoop: state.eventLoop(),
    processMemory: { rssBytes: process.memoryUsage.rss() },
    pid: process.pid,
  };
}

function recentSessions({ sessions, agents, nowMs }: GatewayState, agentId?: string): readonly unknown[] {
  return sessions.summary(RECENT, agentId).recent.map((session) => ({
    agentId: session.agentId,
    key: session.key,
    kind: 'direct',
    sessionId: session.sessionId,
    updatedAt: session.updatedAtMs,
    age: nowMs() - session.updatedAtMs,
    model: agents.find(session.agentId)?.model ?? null,
    flags: [],
  }));
}

export const status: Method = {
  scope: 'operator.read',
  params: z
    .looseObject({ includeChannelSummary: z.boolean().optional(), includeCliProjection: z.boolean().optional() })
    .optional(),
  run: (state) => statusPayload(state),
};
