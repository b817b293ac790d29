import { setImmediate as nextTurn } from 'node:timers/promises';

import type { Agent, Turn } from './agent.ts';
import { conciergeReply, type ConciergeFacts } from './concierge-reply.ts';

/**
 * The agent of a gateway without any model: it answers from what the gateway knows of itself, so that chat works on a
 * fresh machine and says what to do next. It calls nothing and changes nothing.
 */
export function createConcierge(facts: () => ConciergeFacts, id = 'main'): Agent {
  return {
    id,
    name: 'Concierge',
    provider: 'gangway',
    model: 'concierge',
    answer: (turn) => spoken(conciergeReply(turn.message, facts()), turn),
  };
}

/** Line by line, with room for others in between: also a long answer can be stopped. */
async function* spoken(text: string, { signal }: Turn): AsyncGenerator<string> {
  for (const piece of text.match(/[^\n]*\n|[^\n]+$/g) ?? []) {
    await nextTurn();
    if (signal.aborted) return;
    yield piece;
  }
}
