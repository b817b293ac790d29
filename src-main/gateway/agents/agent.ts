import type { TranscriptMessage } from '../sessions/transcript.ts';

/** One question to an agent. */
export interface Turn {
  readonly sessionKey: string;
  readonly message: string;
  /** What was said before in this transcript, oldest first, without the question. */
  readonly history: () => readonly TranscriptMessage[];
  /** Aborted when a person stops the answer or its time is over. */
  readonly signal: AbortSignal;
}

/** Somebody who answers. The built-in `concierge` is one; a model of a provider is another. */
export interface Agent {
  readonly id: string;
  /** Shown to people. */
  readonly name: string;
  /** Who writes, as it stands beside each message. */
  readonly provider: string;
  readonly model: string;
  /** Yields the answer piece by piece. Ends early when `turn.signal` is aborted; throws when it cannot answer. */
  answer(turn: Turn): AsyncIterable<string>;
}

/** The agents of a gateway. */
export class AgentRoster {
  readonly #agents: ReadonlyMap<string, Agent>;
  readonly defaultId: string;

  /** The first one answers where none is named. */
  constructor(agents: readonly [Agent, ...Agent[]]) {
    this.#agents = new Map(agents.map((agent) => [agent.id, agent]));
    this.defaultId = agents[0].id;
  }

  get all(): readonly Agent[] {
    return [...this.#agents.values()];
  }

  find(id: string): Agent | undefined {
    return this.#agents.get(id);
  }
}
