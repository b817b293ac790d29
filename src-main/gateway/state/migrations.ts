/** One step of the database, forward only. What was released is never edited: a change is a new step. */
export interface Migration {
  /** 1, 2, 3, … without gaps: the `user_version` of the database after it. */
  readonly version: number;
  readonly sql: string;
}

/** Identities and secrets of clients belong to the gateway, so they are in this one database too. */
export const MIGRATIONS: readonly Migration[] = [
  {
    version: 1,
    sql: `
      CREATE TABLE sessions (
        key TEXT PRIMARY KEY,
        agent_id TEXT NOT NULL,
        -- The transcript in use; a reset begins another one and keeps the old.
        session_id TEXT NOT NULL,
        created_at_ms INTEGER NOT NULL,
        updated_at_ms INTEGER NOT NULL,
        -- What a person set on the session, as JSON.
        settings TEXT NOT NULL DEFAULT '{}'
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX sessions_by_update ON sessions (updated_at_ms DESC);

      -- Append-only: rows are added, never changed; they go only when a person deletes the transcript.
      CREATE TABLE messages (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        session_id TEXT NOT NULL,
        -- 1, 2, 3, … within the transcript.
        seq INTEGER NOT NULL,
        message_id TEXT NOT NULL UNIQUE,
        run_id TEXT,
        at_ms INTEGER NOT NULL,
        -- The message in the form clients are given, as JSON.
        body TEXT NOT NULL,
        UNIQUE (session_id, seq)
      ) STRICT;

      -- One row per accepted question. Who sends it again gets the answer of the first time.
      CREATE TABLE runs (
        -- The idempotency key of the client.
        run_id TEXT PRIMARY KEY,
        session_key TEXT NOT NULL,
        agent_id TEXT NOT NULL,
        accepted_at_ms INTEGER NOT NULL,
        ended_at_ms INTEGER,
        -- How it ended, as JSON; absent while it goes on, or when the process ended in its middle.
        result TEXT
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX runs_by_age ON runs (accepted_at_ms);
      CREATE INDEX runs_unfinished ON runs (run_id) WHERE result IS NULL;

      -- Keys of the gateway itself; they never leave this file.
      CREATE TABLE secrets (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
    `,
  },
  {
    version: 2,
    sql: `
      -- One row per device: who it is, what was approved, what it asks for. JSON, see devices/device-record.ts.
      CREATE TABLE devices (device_id TEXT PRIMARY KEY, record TEXT NOT NULL) STRICT, WITHOUT ROWID;
    `,
  },
  {
    version: 3,
    // How the last run of a session ended is asked for with every list of sessions.
    sql: 'CREATE INDEX runs_by_session ON runs (session_key, accepted_at_ms)',
  },
];
