import { z } from 'zod';

import type { GatewayState, Method } from './method.ts';

/** Delay of the event loop from which a gateway counts as slow, milliseconds. */
const SLOW_LOOP_MS = 500;

export function eventLoop(state: GatewayState) {
  const delayP99Ms = Math.round(state.eventLoopDelayMs() * 10) / 10;
  const degraded = delayP99Ms > SLOW_LOOP_MS;
  return { degraded, reasons: degraded ? ['event_loop_delay'] : [], delayP99Ms };
}

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
    modelRuntime: { degraded: false, pendingAgents: [] },
    eventLoop: eventLoop(state),
  };
}

export const health: Method = {
  scope: 'operator.read',
  openToProbes: true,
  params: z.looseObject({}).optional(),
  run: healthPayload,
};
