import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { loadSqlite } from './load-sqlite.ts';
import { MIGRATIONS } from './migrations.ts';
import { StateDatabase } from './state-database.ts';

const NOTES = [{ version: 1, sql: 'CREATE TABLE notes (text TEXT NOT NULL UNIQUE) STRICT' }];

let root: string;
let folder: string;
let opened: StateDatabase[];
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'gangway-state-'));
  folder = join(root, 'state');
  opened = [];
});
afterEach(() => {
  for (const each of opened) each.close();
  rmSync(root, { recursive: true, force: true });
});

function open(migrations = NOTES): StateDatabase {
  const database = StateDatabase.open(folder, migrations);
  opened.push(database);
  return database;
}

const insert = (database: StateDatabase, text: string): number => database.run('INSERT INTO notes VALUES (?)', text);
const texts = (database: StateDatabase): readonly string[] =>
  database.all('SELECT text FROM notes ORDER BY rowid').map(({ text }) => String(text));

describe('the folder', () => {
  it('is made for this user alone', () => {
    insert(open(), 'a');
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    for (const name of readdirSync(folder)) expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600);
  });

  it('is given to one process, and the second is told who has it', () => {
    open();
    expect(() => StateDatabase.open(folder, NOTES)).toThrow(
      expect.objectContaining({ info: { code: 'gateway/state-in-use', params: { folder, pid: process.pid } } }),
    );
  });

  it('is free again after the end of its process, however that came', async () => {
    const child = spawn(process.execPath, ['--input-type=module', '-e', holdScript(folder)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(child.stdout, 'data');
    const { pid } = child;
    expect(() => open()).toThrow(
      expect.objectContaining({ info: { code: 'gateway/state-in-use', params: { folder, pid } } }),
    );
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(texts(open())).toEqual(['from the other process']);
  });

  it('is free again after it was closed, twice even', () => {
    const database = open();
    database.close();
    database.close();
    expect(readdirSync(folder)).toEqual(['gangway.sqlite']);
    expect(texts(open())).toEqual([]);
  });
});

describe('the format', () => {
  it('goes forward step by step and keeps what is there', () => {
    insert(open(), 'old');
    opened[0]?.close();
    const next = [...NOTES, { version: 2, sql: 'ALTER TABLE notes ADD COLUMN kind TEXT' }];
    expect(open(next).all('SELECT * FROM notes')).toEqual([{ text: 'old', kind: null }]);
  });

  it('stays as it was when a step fails', () => {
    insert(open(), 'old');
    opened[0]?.close();
    const broken = [...NOTES, { version: 2, sql: 'ALTER TABLE notes ADD COLUMN kind TEXT; SELECT nonsense' }];
    expect(() => open(broken)).toThrow('nonsense');
    expect(open().all('SELECT * FROM notes')).toEqual([{ text: 'old' }]);
  });

  it('of a newer version is left alone', () => {
    open([...NOTES, { version: 7, sql: 'SELECT 1' }]).close();
    expect(() => open()).toThrow(
      expect.objectContaining({
        info: { code: 'gateway/state-newer', params: { file: join(folder, 'gangway.sqlite'), found: 7, supported: 1 } },
      }),
    );
  });

  it('is numbered without gaps', () => {
    expect(MIGRATIONS.map(({ version }) => version)).toEqual(MIGRATIONS.map((_, index) => index + 1));
  });
});

describe('a write', () => {
  it('is all or nothing', () => {
    const database = open();
    const halfDone = (): void =>
      database.transaction(() => {
        insert(database, 'a');
        throw new RangeError('stop');
      });
    expect(halfDone).toThrow(RangeError);
    expect(texts(database)).toEqual([]);
  });

  it('shares its commit with the others of the same turn, and fails alone', async () => {
    const database = open();
    const results = await Promise.allSettled(
      ['a', 'b', 'a', 'c'].map((text) => database.write(() => insert(database, text))),
    );
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled']);
    expect(texts(database)).toEqual(['a', 'b', 'c']);
  });

  it('that waits is committed by a close', async () => {
    const database = open();
    const written = database.write(() => insert(database, 'last'));
    database.close();
    await written;
    expect(texts(open())).toEqual(['last']);
  });

  it.each([
    ['a full disk', 'PRAGMA max_page_count = 1', 'there is no space left on the disk'],
    ['a read-only disk', 'PRAGMA query_only = 1', 'the disk or the file is read-only'],
  ])('to %s is refused by name, and goes through when that is over', async (_name, pragma, reason) => {
    const database = open();
    insert(database, 'before');
    database.all(pragma);
    const refused = { info: { code: 'gateway/state-unwritable', params: { file: database.file, reason } } };
    const long = 'x'.repeat(100_000);
    const batch = ['x', long, 'y'].map((text) => database.write(() => insert(database, text)));
    const outcomes = await Promise.allSettled(batch);
    expect(outcomes[1]).toMatchObject({ status: 'rejected', reason: refused });
    // Whoever was told that it is kept finds it; nobody else does.
    const kept = outcomes.flatMap(({ status }, index) => (status === 'fulfilled' ? [['x', long, 'y'][index]] : []));
    expect(texts(database)).toEqual(['before', ...kept]);
    expect(() => database.transaction(() => insert(database, long))).toThrow(expect.objectContaining(refused));
    database.all('PRAGMA max_page_count = 1000000');
    database.all('PRAGMA query_only = 0');
    await database.write(() => insert(database, 'after'));
    expect(texts(database)).toEqual(['before', ...kept, 'after']);
  });
});

describe('what is in the place of the database', () => {
  it('is told as damaged when it is something else, and is left alone', () => {
    open().close();
    writeFileSync(
      join(folder, 'gangway.sqlite'),
      'not a database, and longer than a header of one hundred bytes'.repeat(9),
    );
    expect(() => open()).toThrow(
      expect.objectContaining({
        info: { code: 'gateway/state-damaged', params: { file: join(folder, 'gangway.sqlite') } },
      }),
    );
  });

  it('is told as unwritable when it cannot be a folder', () => {
    writeFileSync(folder, '');
    expect(() => open()).toThrow(
      expect.objectContaining({ info: expect.objectContaining({ code: 'gateway/state-unwritable' }) as unknown }),
    );
  });
});

it('says nothing about experiments', async () => {
  const warnings: string[] = [];
  const heard = (warning: Error): void => void warnings.push(warning.message);
  process.on('warning', heard);
  loadSqlite();
  process.emitWarning('another matter');
  await new Promise((resolve) => setImmediate(resolve));
  process.off('warning', heard);
  expect(warnings).toEqual(['another matter']);
});

/** A process that holds the folder and says so. */
function holdScript(held: string): string {
  const module = JSON.stringify(new URL('./state-database.ts', import.meta.url).href);
  return `
    const { StateDatabase } = await import(${module});
    const database = StateDatabase.open(${JSON.stringify(held)}, ${JSON.stringify(NOTES)});
    database.run("INSERT INTO notes VALUES ('from the other process')");
    console.log('held');
    setInterval(() => {}, 1000);
  `;
}
