import { randomUUID } from 'node:crypto';

import type { Row, StateDatabase } from '../state/state-database.ts';
import type { SessionAddress } from './session-key.ts';
import type { StoredMessage, TranscriptMessage } from './transcript.ts';

/** What a person set on a session. Absent is “as by default”. */
export interface SessionSettings {
  readonly label?: string;
  readonly icon?: string;
  readonly color?: string;
  readonly category?: string;
  readonly model?: string;
  readonly thinkingLevel?: string;
  readonly verboseLevel?: string;
  readonly reasoningLevel?: string;
  readonly archivedAt?: number;
  readonly pinnedAt?: number;
  readonly markedUnreadAt?: number;
}

export interface Session extends SessionAddress {
  /** The transcript in use. */
  readonly sessionId: string;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
  readonly settings: SessionSettings;
}

export interface SessionFilter {
  readonly agentId?: string | undefined;
  readonly label?: string | undefined;
  /** Part of the key or the label, in any case of letters. */
  readonly search?: string | undefined;
  readonly updatedSinceMs?: number | undefined;
  readonly archived: boolean | 'all';
}

export interface SessionPage {
  readonly limit: number;
  readonly offset: number;
}

/**
 * Sessions and their transcripts in the database. A transcript is append-only: nothing of it is ever changed, and it
 * goes only when a person deletes it. Methods that write are to be called within a transaction of the caller.
 */
export class SessionStore {
  readonly #database: StateDatabase;

  constructor(database: StateDatabase) {
    this.#database = database;
  }

  find(key: string): Session | undefined {
    const row = this.#database.get('SELECT * FROM sessions WHERE key = ?', key);
    return row && toSession(row);
  }

  /** The latest first; all of them unless a page is asked for. */
  list(filter: SessionFilter, { limit = -1, offset = 0 }: Partial<SessionPage> = {}): readonly Session[] {
    const { sql, values } = toCondition(filter);
    const rows = this.#database.all(
      `SELECT * FROM sessions WHERE ${sql} ORDER BY updated_at_ms DESC, key LIMIT ? OFFSET ?`,
      ...values,
      limit,
      offset,
    );
    return rows.map(toSession);
  }

  count(filter: SessionFilter = { archived: 'all' }): number {
    const { sql, values } = toCondition(filter);
    return Number(this.#database.get(`SELECT count(*) AS count FROM sessions WHERE ${sql}`, ...values)?.['count']);
  }

  /** How many sessions there are, of one agent or of all, and the latest of them. */
  summary(limit: number, agentId?: string): { readonly count: number; readonly recent: readonly Session[] } {
    const where = agentId === undefined ? '?1 IS NULL' : 'agent_id = ?1';
    const of = agentId ?? null;
    const count = this.#database.get(`SELECT count(*) AS count FROM sessions WHERE ${where}`, of)?.['count'];
    const sql = `SELECT * FROM sessions WHERE ${where} ORDER BY updated_at_ms DESC, key LIMIT ?2`;
    return { count: Number(count), recent: this.#database.all(sql, of, limit).map(toSession) };
  }

  /** The session of this name, begun if there is none. */
  ensure({ key, agentId }: SessionAddress, atMs: number): Session {
    this.#database.run(
      `INSERT INTO sessions (key, agent_id, session_id, created_at_ms, updated_at_ms) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT (key) DO NOTHING`,
      key,
      agentId,
      randomUUID(),
      atMs,
      atMs,
    );
    const session = this.find(key);
    if (session === undefined) throw new TypeError('a session that was just kept is gone');
    return session;
  }

  append({ key, sessionId }: Session, message: TranscriptMessage, runId?: string): StoredMessage {
    const id = randomUUID();
    const row = this.#database.get(
      `INSERT INTO messages (session_id, seq, message_id, run_id, at_ms, body)
       SELECT ?, coalesce(max(seq), 0) + 1, ?, ?, ?, ? FROM messages WHERE session_id = ? RETURNING seq`,
      sessionId,
      id,
      runId ?? null,
      message.timestamp,
      JSON.stringify(message),
      sessionId,
    );
    this.#touch(key, message.timestamp);
    return { id, seq: Number(row?.['seq']), message };
  }

  patch(key: string, settings: SessionSettings, atMs: number): void {
    this.#database.run('UPDATE sessions SET settings = ? WHERE key = ?', JSON.stringify(settings), key);
    this.#touch(key, atMs);
  }

  /** Begins another transcript; the old one is kept and no longer used. */
  reset(key: string, atMs: number): void {
    this.#database.run('UPDATE sessions SET session_id = ? WHERE key = ?', randomUUID(), key);
    this.#touch(key, atMs);
  }

  /** Removes the session, and its transcript if that was asked for. Returns whether there was one. */
  delete(key: string, withTranscript: boolean): boolean {
    const session = this.find(key);
    if (session === undefined) return false;
    if (withTranscript) this.#database.run('DELETE FROM messages WHERE session_id = ?', session.sessionId);
    return this.#database.run('DELETE FROM sessions WHERE key = ?', key) > 0;
  }

  /** The last `limit` messages but the newest `skip`, in order. */
  tail(
    sessionId: string,
    { limit, skip = 0 }: { readonly limit: number; readonly skip?: number },
  ): readonly StoredMessage[] {
    const rows = this.#database.all(
      'SELECT message_id, seq, body FROM messages WHERE session_id = ? ORDER BY seq DESC LIMIT ? OFFSET ?',
      sessionId,
      limit,
      skip,
    );
    return rows.map(toStored).toReversed();
  }

  message(sessionId: string, id: string): StoredMessage | undefined {
    const sql = 'SELECT message_id, seq, body FROM messages WHERE session_id = ? AND message_id = ?';
    const row = this.#database.get(sql, sessionId, id);
    return row && toStored(row);
  }

  /** The first `limit` messages, in order. */
  head(sessionId: string, limit: number): readonly StoredMessage[] {
    const sql = 'SELECT message_id, seq, body FROM messages WHERE session_id = ? ORDER BY seq LIMIT ?';
    return this.#database.all(sql, sessionId, limit).map(toStored);
  }

  /** Nothing is ever taken out of a transcript, so its last number is how many there are. */
  countMessages(sessionId: string): number {
    const sql = 'SELECT max(seq) AS count FROM messages WHERE session_id = ?';
    return Number(this.#database.get(sql, sessionId)?.['count'] ?? 0);
  }

  #touch(key: string, atMs: number): void {
    this.#database.run('UPDATE sessions SET updated_at_ms = max(updated_at_ms, ?) WHERE key = ?', atMs, key);
  }
}

function toCondition(filter: SessionFilter): { readonly sql: string; readonly values: readonly (string | number)[] } {
  const { agentId, label, search, updatedSinceMs, archived } = filter;
  const archive = `(settings ->> 'archivedAt') IS ${archived === true ? 'NOT NULL' : 'NULL'}`;
  const parts: readonly (readonly [string, ...(string | number)[]])[] = [
    ...(archived === 'all' ? [] : [[archive] as const]),
    ...(agentId === undefined ? [] : [['agent_id = ?', agentId] as const]),
    ...(label === undefined ? [] : [["settings ->> 'label' = ?", label] as const]),
    ...(updatedSinceMs === undefined ? [] : [['updated_at_ms >= ?', updatedSinceMs] as const]),
    ...(search === undefined ? [] : [[SEARCH, search.toLowerCase()] as const]),
  ];
  return {
    sql: parts.map(([sql]) => sql).join(' AND ') || 'TRUE',
    values: parts.flatMap(([, ...values]) => values),
  };
}

const SEARCH = "instr(lower(key || ' ' || coalesce(settings ->> 'label', '')), ?) > 0";

function toSession(row: Row): Session {
  return {
    key: String(row['key']),
    agentId: String(row['agent_id']),
    sessionId: String(row['session_id']),
    createdAtMs: Number(row['created_at_ms']),
    updatedAtMs: Number(row['updated_at_ms']),
    settings: JSON.parse(String(row['settings'])) as SessionSettings,
  };
}

function toStored(row: Row): StoredMessage {
  return {
    id: String(row['message_id']),
    seq: Number(row['seq']),
    message: JSON.parse(String(row['body'])) as TranscriptMessage,
  };
}
