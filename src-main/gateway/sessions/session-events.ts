import type { RunEvents } from '../agents/run-book.ts';
import type { EndedRun, Run } from '../agents/run.ts';
import type { Publish } from '../protocol/publish.ts';
import type { Session } from './session-store.ts';
import { assistantMessage, toWire, type StoredMessage } from './transcript.ts';
import type { Subscriptions } from './subscriptions.ts';

export interface SessionEventsDeps {
  readonly publish: Publish;
  readonly subscriptions: Subscriptions;
  readonly nowMs: () => number;
  /** The session as it is now, in the shape the protocol publishes. */
  readonly row: (sessionKey: string) => Record<string, unknown> | undefined;
}

/** Tells clients what happens in sessions: each event after what it tells of is on the disk. */
export class SessionEvents implements RunEvents {
  readonly #deps: SessionEventsDeps;
  /** The last number of each run that goes on, for `chat` and `agent` events alike. */
  readonly #seq = new Map<string, number>();

  constructor(deps: SessionEventsDeps) {
    this.#deps = deps;
  }

  accepted(run: Run, question: StoredMessage): void {
    this.message(run, question);
    this.changed(run, 'send');
  }

  started(run: Run): void {
    this.#agent(run, 'lifecycle', { phase: 'start', startedAt: this.#deps.nowMs() });
  }

  said(run: Run, piece: string, whole: string): void {
    this.#agent(run, 'assistant', { text: whole, delta: piece });
    const message = assistantMessage(whole, { timestamp: this.#deps.nowMs() });
    this.#chat(run, { state: 'delta', deltaText: piece, message });
  }

  ended(run: EndedRun, answer: StoredMessage | undefined): void {
    const { result } = run;
    if (answer !== undefined) this.message(run, answer);
    const phase = result.status === 'ok' || result.status === 'aborted' ? 'end' : 'error';
    const error = result.status === 'error' ? { error: result.message } : {};
    this.#agent(run, 'lifecycle', { phase, endedAt: run.endedAtMs, ...error });
    this.#chat(run, { ...ending(run), ...(answer !== undefined && { message: toWire(answer) }) });
    this.#seq.delete(run.runId);
    this.changed(run, 'agent.input.settled');
  }

  /** A message was added to a transcript. */
  message({ sessionKey, agentId }: Pick<Run, 'sessionKey' | 'agentId'>, stored: StoredMessage): void {
    const { publish, subscriptions } = this.#deps;
    const { id: messageId, seq: messageSeq } = stored;
    publish('session.message', { sessionKey, agentId, message: toWire(stored), messageId, messageSeq }, (connId) =>
      subscriptions.wantsTranscript(connId, sessionKey),
    );
  }

  /** Something of a session is different; `reason` says what, in the words of the protocol. */
  changed({ sessionKey, agentId }: Pick<Run, 'sessionKey' | 'agentId'>, reason: string): void {
    const { publish, subscriptions, nowMs, row } = this.#deps;
    const session = row(sessionKey);
    publish('sessions.changed', { sessionKey, agentId, reason, ts: nowMs(), ...(session && { session }) }, (connId) =>
      subscriptions.wantsSessions(connId),
    );
  }

  #agent(run: Run, stream: string, data: Record<string, unknown>): void {
    const { runId, sessionKey } = run;
    const payload = { runId, seq: this.#next(runId), stream, ts: this.#deps.nowMs(), data: { ...data, sessionKey } };
    this.#deps.publish('agent', payload);
  }

  #chat({ runId, sessionKey, agentId }: Run, state: Record<string, unknown>): void {
    this.#deps.publish('chat', { runId, sessionKey, agentId, seq: this.#next(runId), ...state });
  }

  #next(runId: string): number {
    const seq = (this.#seq.get(runId) ?? 0) + 1;
    this.#seq.set(runId, seq);
    return seq;
  }
}

function ending({ result }: EndedRun): Record<string, unknown> {
  switch (result.status) {
    case 'ok':
      return { state: 'final', stopReason: 'stop' };
    case 'aborted':
      return { state: 'aborted', stopReason: 'aborted' };
    case 'timeout':
      return { state: 'error', errorKind: 'timeout', errorMessage: 'The answer took too long and was stopped.' };
    case 'error':
      return { state: 'error', errorKind: 'unknown', errorMessage: result.message };
  }
}

export function keysOf({ key, agentId }: Pick<Session, 'key' | 'agentId'>): Pick<Run, 'sessionKey' | 'agentId'> {
  return { sessionKey: key, agentId };
}
