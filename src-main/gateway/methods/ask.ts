import type { Question } from '../agents/run-book.ts';
import { MethodError, invalid } from './method-error.ts';
import type { GatewayState } from './method.ts';
import { addressOf } from './session-params.ts';

const DEFAULT_TIMEOUT_MS = 600_000;
/** Timers of Node hold no longer time. */
const MAX_TIMEOUT_MS = 2 ** 31 - 1;

export interface Asked {
  readonly key: string;
  readonly agentId?: string | undefined;
  readonly message: string;
  /** 0 and absent stand for the usual time. */
  readonly timeoutMs?: number | undefined;
  readonly runId: string;
}

/** @throws MethodError when there is nothing to answer, or nobody to answer it. */
export function questionOf(state: GatewayState, { key, agentId, message, timeoutMs, runId }: Asked): Question {
  if (message.trim() === '') throw invalid('message or attachment required');
  const address = addressOf(state, key, agentId);
  const agent = state.agents.find(address.agentId);
  if (agent === undefined) throw invalid(`Agent "${address.agentId}" does not exist`);
  const usual = timeoutMs === undefined || timeoutMs === 0 ? DEFAULT_TIMEOUT_MS : timeoutMs;
  return { runId, address, agent, message, timeoutMs: Math.min(usual, MAX_TIMEOUT_MS) };
}

/** A run that ended badly, as clients of the protocol are told. */
export function failedRun(runId: string, message: string): MethodError {
  return new MethodError({ code: 'UNAVAILABLE', message }, { runId, status: 'error', summary: message });
}
