/** What is said without a session of its own goes here: one per agent. */
export const MAIN_KEY = 'main';

export interface SessionAddress {
  /** `agent:main:main`: the full name under which a session is kept. */
  readonly key: string;
  readonly agentId: string;
}

/**
 * Completes a key as clients write it: `main` is `agent:main:main`, and `agent:ID:…` is what it says. An agent that is
 * named beside the key counts where the key itself names none.
 */
export function toAddress(written: string, agentId = MAIN_KEY): SessionAddress {
  const named = /^agent:([^:]+):./.exec(written)?.[1];
  if (named !== undefined) return { key: written, agentId: named };
  return { key: `agent:${agentId}:${written}`, agentId };
}

export function isMainSession({ key, agentId }: SessionAddress): boolean {
  return key === `agent:${agentId}:${MAIN_KEY}`;
}
