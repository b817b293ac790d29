import { z } from 'zod';

import { Written } from '../protocol/written.ts';
import type { GatewayState, Method } from './method.ts';

const RECENT = 5;

/** The sessions of one agent, or of all, as health and status tell of them. */
export function sessionSummary({ database, sessions, nowMs }: GatewayState, agentId?: string): Record<string, unknown> {
  const { count, recent } = sessions.summary(RECENT, agentId);
  return {
    path: database.file,
    count,
    recent: recent.map(({ key, updatedAtMs }) => ({ key, updatedAt: updatedAtMs, age: nowMs() - updatedAtMs })),
  };
}

/** Nothing runs by the clock here, so no agent has a heartbeat. */
const NO_HEARTBEAT = { enabled: false, every: '0m', everyMs: null, prompt: '', target: 'none', ackMaxChars: 0 };

/** Health as every client of the protocol reads it; there are no channels here yet. */
function healthPayload(state: GatewayState): Record<string, unknown> {
  return {
    ok: true,
    ts: state.nowMs(),
    durationMs: 0,
    plugins: { loaded: [], errors: [], unavailable: [] },
    configReload: { hotReloadStatus: 'active' },
    channels: {},
    channelOrder: [],
    channelLabels: {},
    heartbeatSeconds: 0,
    defaultAgentId: state.agents.defaultId,
    agents: state.agents.all.map(({ id, name }) => ({
      agentId: id,
      name,
      isDefault: id === state.agents.defaultId,
      heartbeat: NO_HEARTBEAT,
      sessions: sessionSummary(state, id),
    })),
    sessions: sessionSummary(state),
    eventLoop: state.eventLoop(),
  };
}

/** Many ask for health, and often; a moment ago is good enough for all of them. */
const FRESH_MS = 1_000;

/** Takes the health of a gateway, and gives the same to all who ask within a second. */
export function createHealthSnapshot(state: () => GatewayState): () => Written {
  let takenAtMs = Number.NEGATIVE_INFINITY;
  let snapshot = new Written({});
  return () => {
    const nowMs = state().nowMs();
    if (nowMs - takenAtMs >= FRESH_MS || nowMs < takenAtMs) {
      takenAtMs = nowMs;
      snapshot = new Written(healthPayload(state()));
    }
    return snapshot;
  };
}

export const health: Method = {
  scope: 'operator.read',
  openToProbes: true,
  params: z.looseObject({}).optional(),
  run: (state) => state.health(),
};
