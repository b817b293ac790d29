import { z } from 'zod';

import type { GatewayState, Method } from './method.ts';

/** Health as every client of the protocol reads it; there are no channels, agents or sessions here yet. */
export function healthPayload(state: GatewayState): Record<string, unknown> {
  const sessions = { path: '', count: 0, recent: [] };
  return {
    ok: true,
    ts: state.nowMs(),
    durationMs: 0,
    plugins: { loaded: [], errors: [], unavailable: [] },
    channels: {},
    channelOrder: [],
    channelLabels: {},
    heartbeatSeconds: 0,
    defaultAgentId: 'main',
    agents: [],
    sessions,
    eventLoop: state.eventLoop(),
  };
}

export const health: Method = {
  scope: 'operator.read',
  openToProbes: true,
  params: z.looseObject({}).optional(),
  run: healthPayload,
};
