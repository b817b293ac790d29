import { closeSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync, SQLInputValue, SQLOutputValue, StatementSync } from 'node:sqlite';

import { fail } from '../../contract/errors.ts';
import { CommitQueue } from './commit-queue.ts';
import { loadSqlite } from './load-sqlite.ts';
import { MIGRATIONS, type Migration } from './migrations.ts';
import { isHeld, toStateError } from './state-errors.ts';
import { readHolder, removeHolder, writeHolder } from './state-holder.ts';

type Value = SQLInputValue;

/** Columns by name; who asked knows what they are. */
export type Row = Readonly<Record<string, SQLOutputValue>>;

/** Somebody who copies the database holds it for a moment; a gateway holds it for good. */
const BUSY_TIMEOUT_MS = 500;

/**
 * The one database of a gateway, `gangway.sqlite` in its state folder. One process has it: the lock on the database is
 * the lock of the folder, kept by the system, so it ends with the process however that ends.
 *
 * A commit is on the disk before it returns (`synchronous = FULL`), so what was acknowledged survives a power cut and
 * not only the end of the process. Everything throws AppError `gateway/state-unwritable` when the disk is full, read-only
 * or faulty, and `gateway/state-damaged` when the file is no longer a database; nothing of the transaction is kept then.
 */
export class StateDatabase {
  readonly file: string;
  readonly #folder: string;
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  readonly #queue: CommitQueue;

  private constructor(folder: string, database: DatabaseSync) {
    this.#folder = folder;
    this.file = fileIn(folder);
    this.#database = database;
    this.#queue = new CommitQueue({
      transaction: (work) => this.transaction(work),
      savepoint: (work) => this.#savepoint(work),
      isInTransaction: () => this.#database.isTransaction,
    });
  }

  /**
   * Opens the database, made and brought up to date where needed. The caller closes it.
   *
   * @throws AppError `gateway/state-in-use`, `gateway/state-newer`, `gateway/state-unwritable`, `gateway/state-damaged`.
   */
  static open(folder: string, migrations: readonly Migration[] = MIGRATIONS): StateDatabase {
    const file = fileIn(folder);
    let database: DatabaseSync | undefined;
    try {
      createPrivately(folder, file);
      database = openDatabase(file);
      migrate(database, file, migrations);
      writeHolder(folder);
      return new StateDatabase(folder, database);
    } catch (error) {
      database?.close();
      if (isHeld(error)) throw fail('gateway/state-in-use', { folder, pid: readHolder(folder) }, error);
      throw toStateError(file, error);
    }
  }

  all(sql: string, ...values: readonly Value[]): readonly Row[] {
    return this.#told(() => this.#prepared(sql).all(...values));
  }

  get(sql: string, ...values: readonly Value[]): Row | undefined {
    return this.#told(() => this.#prepared(sql).get(...values));
  }

  /** Returns how many rows were changed. Outside of a transaction it is one by itself. */
  run(sql: string, ...values: readonly Value[]): number {
    return this.#told(() => Number(this.#prepared(sql).run(...values).changes));
  }

  /** All of `work` or nothing, on the disk when it returns. Within another transaction it is a part of that one. */
  transaction<T>(work: () => T): T {
    if (this.#database.isTransaction) return this.#savepoint(work);
    return this.#told(() => {
      this.#database.exec('BEGIN IMMEDIATE');
      try {
        const result = work();
        this.#database.exec('COMMIT');
        return result;
      } catch (error) {
        // A full disk may have rolled back by itself.
        if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
        throw error;
      }
    });
  }

  /**
   * Like `transaction`, sharing one commit with everything that was asked for in the same turn of the event loop, so
   * that many clients cost one write to the disk. Resolves when it is on the disk.
   */
  write<T>(work: () => T): Promise<T> {
    return this.#queue.add(work);
  }

  /** Commits what waits and gives the folder free. May be called twice. */
  close(): void {
    if (!this.#database.isOpen) return;
    this.#queue.flush();
    this.#statements.clear();
    removeHolder(this.#folder);
    this.#database.close();
  }

  #savepoint<T>(work: () => T): T {
    this.#database.exec('SAVEPOINT part');
    try {
      const result = work();
      this.#database.exec('RELEASE part');
      return result;
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK TO part; RELEASE part');
      throw error;
    }
  }

  #prepared(sql: string): StatementSync {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    const statement = this.#database.prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }

  #told<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw toStateError(this.file, error);
    }
  }
}

function fileIn(folder: string): string {
  return join(folder, 'gangway.sqlite');
}

/** SQLite gives its own files the mode of the database, which others must not read. */
function createPrivately(folder: string, file: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  closeSync(openSync(file, 'a', 0o600));
}

function openDatabase(file: string): DatabaseSync {
  const { DatabaseSync } = loadSqlite();
  const database = new DatabaseSync(file, { timeout: BUSY_TIMEOUT_MS, enableForeignKeyConstraints: true });
  try {
    // Exclusive before WAL: then there is no shared memory file, and the first access takes the lock for good.
    database.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
    database.exec('BEGIN IMMEDIATE; COMMIT');
  } catch (error) {
    database.close();
    throw error;
  }
  return database;
}

function migrate(database: DatabaseSync, file: string, migrations: readonly Migration[]): void {
  const found = Number(database.prepare('PRAGMA user_version').get()?.['user_version']);
  const supported = migrations.at(-1)?.version ?? 0;
  if (found > supported) throw fail('gateway/state-newer', { file, found, supported });
  for (const { version, sql } of migrations.filter((each) => each.version > found)) {
    // In one transaction with its number, so that no step is done half or twice.
    database.exec(`BEGIN IMMEDIATE; ${sql}; PRAGMA user_version = ${version}; COMMIT`);
  }
}
