import type { RunBook } from '../agents/run-book.ts';
import type { KnownRun, RunLedger } from '../agents/run-ledger.ts';
import { isMainSession } from './session-key.ts';
import type { Session, SessionStore } from './session-store.ts';
import { textOf, type TranscriptMessage } from './transcript.ts';

export interface RowSources {
  readonly sessions: Pick<SessionStore, 'head' | 'tail'>;
  readonly ledger: Pick<RunLedger, 'latest'>;
  readonly runs: Pick<RunBook, 'activeIn'>;
}

export interface RowOptions {
  readonly includeDerivedTitles?: boolean | undefined;
  readonly includeLastMessage?: boolean | undefined;
}

const PREVIEW_LENGTH = 160;
const TITLE_LENGTH = 60;

/** A session in the shape the protocol publishes. */
export function toSessionRow(session: Session, sources: RowSources, options: RowOptions = {}): Record<string, unknown> {
  const { key, agentId, sessionId, createdAtMs, updatedAtMs, settings } = session;
  const { archivedAt, pinnedAt, markedUnreadAt, label, ...kept } = settings;
  return {
    key,
    sessionId,
    kind: 'direct',
    agentId,
    isMain: isMainSession(session),
    isBackground: false,
    createdVia: 'operator',
    createdAt: createdAtMs,
    updatedAt: updatedAtMs,
    ...kept,
    ...(label !== undefined && { label, displayName: label }),
    archived: archivedAt !== undefined,
    ...(archivedAt !== undefined && { archivedAt }),
    pinned: pinnedAt !== undefined,
    ...(pinnedAt !== undefined && { pinnedAt }),
    unread: markedUnreadAt !== undefined,
    ...(markedUnreadAt !== undefined && { markedUnreadAt }),
    ...runFacts(sources, session),
    ...previews(sources, session, options),
  };
}

/** `undefined` for a session nobody has begun yet. */
function runFacts({ ledger, runs }: RowSources, { key }: Session): Record<string, unknown> {
  const isRunning = runs.activeIn(key).length > 0;
  const last = ledger.latest(key);
  if (last === undefined) return isRunning ? { status: 'running' } : {};
  return {
    lastRunId: last.runId,
    status: isRunning ? 'running' : statusOf(last),
    ...(last.result?.status === 'error' && { lastRunError: last.result.message }),
  };
}

function statusOf({ result }: KnownRun): string {
  const words = { ok: 'done', aborted: 'killed', timeout: 'timeout', error: 'failed' } as const;
  return result === undefined ? 'running' : words[result.status];
}

function previews({ sessions }: RowSources, { sessionId }: Session, options: RowOptions): Record<string, unknown> {
  const { includeDerivedTitles = false, includeLastMessage = false } = options;
  if (!includeDerivedTitles && !includeLastMessage) return {};
  const question = includeDerivedTitles ? firstQuestion(sessions, sessionId) : undefined;
  const [last] = includeLastMessage ? sessions.tail(sessionId, { limit: 1 }).map(({ message }) => message) : [];
  return {
    ...(question && { derivedTitle: shortened(textOf(question), TITLE_LENGTH) }),
    ...(last && { lastMessagePreview: shortened(textOf(last), PREVIEW_LENGTH) }),
  };
}

/** A title is not worth reading a long monologue for. */
const TITLE_WITHIN = 20;

function firstQuestion(sessions: RowSources['sessions'], sessionId: string): TranscriptMessage | undefined {
  return sessions.head(sessionId, TITLE_WITHIN).find(({ message }) => message.role === 'user')?.message;
}

/** One line of at most `length` characters; what is cut is marked. */
export function shortened(text: string, length: number): string {
  const line = text.replace(/\s+/g, ' ').trim();
  const characters = Array.from(line);
  return characters.length <= length ? line : `${characters.slice(0, length - 1).join('')}…`;
}
