import { z } from 'zod';

import { toAddress } from '../sessions/session-key.ts';
import { defineMethod, type GatewayState } from './method.ts';
import { AgentId, SessionKey } from './session-params.ts';

export const sessionsSubscribe = defineMethod({
  scope: 'operator.read',
  params: z.object({}).prefault({}),
  run: ({ subscriptions }, _params, { connId }) => {
    subscriptions.addSessions(connId);
    return { subscribed: true };
  },
});

const TranscriptParams = z.object({ key: SessionKey, agentId: AgentId.optional() });

export const sessionsMessagesSubscribe = defineMethod({
  scope: 'operator.read',
  params: TranscriptParams,
  run: (state, params, { connId }) => {
    const key = keyOf(state, params);
    state.subscriptions.addTranscript(connId, key);
    return { subscribed: true, key };
  },
});

export const sessionsMessagesUnsubscribe = defineMethod({
  scope: 'operator.read',
  params: TranscriptParams,
  run: (state, params, { connId }) => {
    const key = keyOf(state, params);
    state.subscriptions.removeTranscript(connId, key);
    return { subscribed: false, key };
  },
});

function keyOf({ agents }: GatewayState, { key, agentId }: z.infer<typeof TranscriptParams>): string {
  return toAddress(key, agentId ?? agents.defaultId).key;
}
