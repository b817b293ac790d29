import { z } from 'zod';

import type { GatewayState, Method } from './method.ts';

function statusPayload(state: GatewayState): Record<string, unknown> {
  const counts = { total: 0, active: 0, terminal: 0, failures: 0, byStatus: {}, byRuntime: {} };
  return {
    runtimeVersion: state.version,
    heartbeat: { defaultAgentId: 'main', agents: [] },
    channelSummary: [],
    queuedSystemEvents: [],
    degradedSecretOwners: [],
    degradedPlugins: [],
    tasks: counts,
    taskAudit: { total: 0, warnings: 0, errors: 0, byCode: {} },
    sessions: { paths: [], count: 0, defaults: {}, recent: [], byAgent: [] },
    modelRuntime: { degraded: false, pendingAgents: [] },
    eventLoop: state.eventLoop(),
    processMemory: { rssBytes: process.memoryUsage.rss() },
    pid: process.pid,
  };
}

export const status: Method = {
  scope: 'operator.read',
  params: z
    .looseObject({ includeChannelSummary: z.boolean().optional(), includeCliProjection: z.boolean().optional() })
    .optional(),
  run: statusPayload,
};
