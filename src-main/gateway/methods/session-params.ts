import { z } from 'zod';

import { toAddress, type SessionAddress } from '../sessions/session-key.ts';
import type { Session } from '../sessions/session-store.ts';
import { invalid } from './method-error.ts';
import type { GatewayState } from './method.ts';

/** Keys are names that people and programs choose, so only what would hide in a list is refused. */
export const SessionKey = z
  .string()
  .min(1)
  .max(512)
  .regex(/^[^\p{Cc}]+$/u, { error: 'must be one line of text' });

export const AgentId = z.string().min(1).max(128);

/** @throws MethodError when its agent does not exist here. */
export function addressOf({ agents }: GatewayState, key: string, agentId?: string): SessionAddress {
  const address = toAddress(key, agentId ?? agents.defaultId);
  if (agents.find(address.agentId) === undefined) throw invalid(`Agent "${address.agentId}" does not exist`);
  return address;
}

/** @throws MethodError when there is no such session. */
export function sessionAt(state: GatewayState, key: string, agentId?: string): Session {
  const session = state.sessions.find(toAddress(key, agentId ?? state.agents.defaultId).key);
  if (session === undefined) throw invalid('session not found');
  return session;
}
