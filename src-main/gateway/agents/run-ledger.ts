import type { Row, StateDatabase } from '../state/state-database.ts';
import { RunResultSchema, type Run, type RunResult } from './run.ts';

/** What is known of a run that was accepted before. */
export interface KnownRun {
  readonly runId: string;
  readonly sessionKey: string;
  readonly agentId: string;
  readonly acceptedAtMs: number;
  readonly endedAtMs: number | undefined;
  /** Absent while it goes on. */
  readonly result: RunResult | undefined;
}

/** Whoever sends a question again does so within days. */
const KEPT_MS = 7 * 24 * 3_600_000;

export const INTERRUPTED: RunResult = {
  status: 'error',
  text: '',
  message: 'The gateway ended before the answer was complete. The question is kept; ask again.',
};

/** Accepted runs in the database, so that a question that is sent twice is answered once. */
export class RunLedger {
  readonly #database: StateDatabase;

  constructor(database: StateDatabase) {
    this.#database = database;
  }

  find(runId: string): KnownRun | undefined {
    const row = this.#database.get('SELECT * FROM runs WHERE run_id = ?', runId);
    return row && toKnown(row);
  }

  /** To be called within a transaction of the caller, like `close`. */
  open({ runId, sessionKey, agentId, acceptedAtMs }: Run): void {
    const sql = 'INSERT INTO runs (run_id, session_key, agent_id, accepted_at_ms) VALUES (?, ?, ?, ?)';
    this.#database.run(sql, runId, sessionKey, agentId, acceptedAtMs);
  }

  close(runId: string, result: RunResult, atMs: number): void {
    const sql = 'UPDATE runs SET result = ?, ended_at_ms = ? WHERE run_id = ?';
    this.#database.run(sql, JSON.stringify(result), atMs, runId);
  }

  /** How the last run of a session ended, or that it goes on. */
  latest(sessionKey: string): KnownRun | undefined {
    const sql = 'SELECT * FROM runs WHERE session_key = ? ORDER BY accepted_at_ms DESC LIMIT 1';
    const row = this.#database.get(sql, sessionKey);
    return row && toKnown(row);
  }

  /** At the start: what went on when the last process ended does so no longer, and what is old is forgotten. */
  tidy(nowMs: number): void {
    const sql = 'UPDATE runs SET result = ?, ended_at_ms = ? WHERE result IS NULL';
    this.#database.run(sql, JSON.stringify(INTERRUPTED), nowMs);
    this.#database.run('DELETE FROM runs WHERE accepted_at_ms < ?', nowMs - KEPT_MS);
  }
}

function toKnown(row: Row): KnownRun {
  const { result, ended_at_ms: endedAtMs } = row;
  return {
    runId: String(row['run_id']),
    sessionKey: String(row['session_key']),
    agentId: String(row['agent_id']),
    acceptedAtMs: Number(row['accepted_at_ms']),
    endedAtMs: typeof endedAtMs === 'number' ? endedAtMs : undefined,
    result: typeof result === 'string' ? RunResultSchema.parse(JSON.parse(result)) : undefined,
  };
}
