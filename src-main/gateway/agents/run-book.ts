import { setImmediate as nextTurn } from 'node:timers/promises';

import { describeError, toErrorInfo } from '../../contract/errors.ts';
import type { Clock, Logger } from '../../platform/ports.ts';
import type { SessionAddress } from '../sessions/session-key.ts';
import type { SessionStore } from '../sessions/session-store.ts';
import { assistantMessage, userMessage, type StoredMessage, type TranscriptMessage } from '../sessions/transcript.ts';
import type { StateDatabase } from '../state/state-database.ts';
import type { Agent } from './agent.ts';
import type { EndedRun, Run, RunResult } from './run.ts';
import { INTERRUPTED, type KnownRun, type RunLedger } from './run-ledger.ts';

/** Told in order, each after it is on the disk. */
export interface RunEvents {
  accepted(run: Run, question: StoredMessage): void;
  started(run: Run): void;
  /** `whole` is everything said so far, `piece` what is new of it. */
  said(run: Run, piece: string, whole: string): void;
  /** `answer` is absent when nothing was said. */
  ended(run: EndedRun, answer: StoredMessage | undefined): void;
}

export interface RunBookDeps {
  readonly database: StateDatabase;
  readonly sessions: SessionStore;
  readonly ledger: RunLedger;
  readonly events: RunEvents;
  readonly clock: Clock;
  readonly log: Logger;
}

export interface Question {
  /** The idempotency key: the same question under the same key is answered once. */
  readonly runId: string;
  readonly address: SessionAddress;
  readonly agent: Agent;
  readonly message: string;
  readonly timeoutMs: number;
}

export type Acceptance =
  | { readonly status: 'started'; readonly run: Run; readonly ended: Promise<EndedRun> }
  /** It was accepted before and goes on. */
  | { readonly status: 'going-on'; readonly run: Run; readonly ended: Promise<EndedRun> }
  | { readonly status: 'ended'; readonly run: KnownRun & { readonly result: RunResult } };

interface Active {
  readonly kept: Promise<Kept>;
  readonly sessionKey: string;
  readonly ended: Promise<EndedRun>;
  readonly stop: AbortController;
}

/** Takes questions and sees to it that each is answered once, in the order of its session. */
export class RunBook {
  readonly #deps: RunBookDeps;
  readonly #active = new Map<string, Active>();
  /** Those of them that have nothing left to say; only the end of them is still to be kept. */
  readonly #answered = new Set<string>();
  /** The end of the last accepted run of a session: its next one waits for it. */
  readonly #lanes = new Map<string, Promise<unknown>>();

  constructor(deps: RunBookDeps) {
    this.#deps = deps;
  }

  /**
   * Resolves when the question is on the disk.
   *
   * @throws AppError `gateway/state-unwritable`; the question is not accepted then.
   */
  async ask(question: Question): Promise<Acceptance> {
    const active = this.#active.get(question.runId);
    if (active !== undefined) return { status: 'going-on', run: (await active.kept).run, ended: active.ended };
    const known = this.#deps.ledger.find(question.runId);
    // One that is known and not going on had an end that could not be kept.
    if (known !== undefined) return { status: 'ended', run: { ...known, result: known.result ?? INTERRUPTED } };
    return this.#begin(question);
  }

  /** Runs of a session that go on. */
  activeIn(sessionKey: string): readonly string[] {
    return [...this.#active].flatMap(([runId, active]) => (active.sessionKey === sessionKey ? [runId] : []));
  }

  get activeCount(): number {
    return this.#active.size;
  }

  /** Resolves with the end of a run that goes on; `undefined` when none of this name does. */
  ending(runId: string): Promise<EndedRun> | undefined {
    return this.#active.get(runId)?.ended;
  }

  /** Stops the runs of a session, or one run wherever it is; of both given, both must fit. Returns which. */
  abort({ sessionKey, runId }: { readonly sessionKey?: string | undefined; readonly runId?: string | undefined }) {
    const ids = sessionKey === undefined ? [...this.#active.keys()] : this.activeIn(sessionKey);
    const stopped = ids.filter((id) => (runId === undefined || id === runId) && !this.#answered.has(id));
    for (const id of stopped) this.#active.get(id)?.stop.abort('aborted');
    return stopped;
  }

  /** Resolves when every run that was accepted has come to its end. */
  async settle(): Promise<void> {
    while (this.#active.size > 0) await Promise.allSettled([...this.#active.values()].map(({ ended }) => ended));
  }

  /** Stops everything, keeping what was said. */
  async stop(): Promise<void> {
    for (const { stop } of this.#active.values()) stop.abort('aborted');
    await this.settle();
  }

  async #begin(question: Question): Promise<Acceptance> {
    const { runId, address } = question;
    const stop = new AbortController();
    const kept = this.#keep(question);
    const ended = this.#proceed(question, { kept, stop, turn: this.#lanes.get(address.key) });
    const settled = ended.then(NOTHING, NOTHING);
    this.#lanes.set(address.key, settled);
    this.#active.set(runId, { kept, sessionKey: address.key, ended, stop });
    void settled.then(() => {
      this.#active.delete(runId);
      this.#answered.delete(runId);
      if (this.#lanes.get(address.key) === settled) this.#lanes.delete(address.key);
    });
    const { run } = await kept;
    return { status: 'started', run, ended };
  }

  #keep({ runId, address, message, agent }: Question): Promise<Kept> {
    const { database, sessions, ledger, clock } = this.#deps;
    return database.write(() => {
      const acceptedAtMs = clock.now();
      const session = sessions.ensure(address, acceptedAtMs);
      const question = sessions.append(session, userMessage(message, acceptedAtMs), runId);
      const { key: sessionKey, sessionId } = session;
      const run: Run = { runId, sessionKey, sessionId, agentId: agent.id, acceptedAtMs };
      ledger.open(run);
      return { run, question };
    });
  }

  async #proceed(question: Question, begun: Begun): Promise<EndedRun> {
    const { run, question: stored } = await begun.kept;
    // Whoever asked gets the acceptance before the first event of it.
    await nextTurn();
    this.#deps.events.accepted(run, stored);
    await begun.turn;
    const result = await this.#answer(question, run, { stored, stop: begun.stop });
    this.#answered.add(run.runId);
    return this.#end(question.agent, run, result);
  }

  async #answer(
    question: Question,
    run: Run,
    { stored, stop }: Pick<Begun, 'stop'> & { readonly stored: StoredMessage },
  ) {
    const { clock, events, log } = this.#deps;
    const { signal } = stop;
    const disarm = clock.after(question.timeoutMs, () => stop.abort('timeout'));
    let whole = '';
    try {
      events.started(run);
      const history = () => this.#history(run, stored);
      const { sessionKey } = run;
      for await (const piece of question.agent.answer({ sessionKey, message: question.message, history, signal })) {
        if (signal.aborted) break;
        whole += piece;
        events.said(run, piece, whole);
      }
      return toResult(whole, signal);
    } catch (error) {
      if (signal.aborted) return toResult(whole, signal);
      log.error('an agent failed', { agent: run.agentId, runId: run.runId, error });
      return failure(whole, error);
    } finally {
      disarm();
    }
  }

  #history({ sessionId }: Run, before: StoredMessage): readonly TranscriptMessage[] {
    const recent = this.#deps.sessions.tail(sessionId, { limit: HISTORY_LIMIT });
    return recent.flatMap(({ seq, message }) => (seq < before.seq ? [message] : []));
  }

  async #end(agent: Agent, run: Run, wanted: RunResult): Promise<EndedRun> {
    const { clock, events, log } = this.#deps;
    const endedAtMs = clock.now();
    try {
      const answer = await this.#keepAnswer(agent, run, { result: wanted, endedAtMs });
      const ended = { ...run, endedAtMs, result: wanted };
      events.ended(ended, answer);
      return ended;
    } catch (error) {
      log.error('an answer could not be kept', { runId: run.runId, error });
      const ended = { ...run, endedAtMs, result: failure(wanted.text, error) };
      events.ended(ended, undefined);
      return ended;
    }
  }

  #keepAnswer(
    { provider, model }: Agent,
    run: Run,
    { result, endedAtMs }: Pick<EndedRun, 'result' | 'endedAtMs'>,
  ): Promise<StoredMessage | undefined> {
    const { database, sessions, ledger } = this.#deps;
    return database.write(() => {
      ledger.close(run.runId, result, endedAtMs);
      const session = sessions.find(run.sessionKey);
      // Whoever reset or deleted the session meanwhile does not want this answer in the new one.
      if (session?.sessionId !== run.sessionId || result.text === '') return undefined;
      const stopReason = result.status === 'ok' ? 'stop' : result.status;
      const message = assistantMessage(result.text, { timestamp: endedAtMs, stopReason, provider, model });
      return sessions.append(session, message, run.runId);
    });
  }
}

interface Kept {
  readonly run: Run;
  readonly question: StoredMessage;
}

interface Begun {
  readonly kept: Promise<Kept>;
  readonly stop: AbortController;
  /** The run before in the same session. */
  readonly turn: Promise<unknown> | undefined;
}

/** How far back an agent may look, messages. */
const HISTORY_LIMIT = 200;

const NOTHING = (): void => undefined;

function toResult(text: string, { aborted, reason }: AbortSignal): RunResult {
  if (!aborted) return { status: 'ok', text };
  return { status: reason === 'timeout' ? 'timeout' : 'aborted', text };
}

function failure(text: string, error: unknown): RunResult {
  const { title, body } = describeError(toErrorInfo(error));
  return { status: 'error', text, message: `${title}. ${body}` };
}
