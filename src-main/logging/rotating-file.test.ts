import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';

import { createRotatingFile } from './rotating-file.ts';

const posix = process.platform !== 'win32';
let dir: string;
let path: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'gangway-log-'));
  path = join(dir, 'logs', 'app.log');
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const textOf = (name: string): string => readFileSync(join(dir, 'logs', name), 'utf8');

it('adds to what is there, at once', () => {
  mkdirSync(join(dir, 'logs'));
  writeFileSync(path, 'old\n');
  createRotatingFile(path, { maxBytes: 1_000, keep: 1 }).write('new\n');
  expect(textOf('app.log')).toBe('old\nnew\n');
});

it.runIf(posix)('is readable to its owner only, also when it was not before', async () => {
  mkdirSync(join(dir, 'logs'));
  writeFileSync(path, '', { mode: 0o644 });
  const file = createRotatingFile(path, { maxBytes: 10, keep: 2 });
  file.write('123456789\n');
  file.write('abcdefghi\n');
  await file.close();
  expect(['app.log', 'app.log.1'].map((name) => statSync(join(dir, 'logs', name)).mode & 0o777)).toEqual([
    0o600, 0o600,
  ]);
});

it('puts the file aside before it grows too big, and keeps only so many', async () => {
  const file = createRotatingFile(path, { maxBytes: 12, keep: 2 });
  for (const word of ['one', 'two', 'three', 'four', 'five', 'six', 'seven']) file.write(`${word}\n`);
  await file.close();
  expect(['app.log.2', 'app.log.1', 'app.log'].map(textOf)).toEqual(['three\nfour\n', 'five\nsix\n', 'seven\n']);
  expect(readdirSync(join(dir, 'logs'))).toHaveLength(3);
});

it('starts anew when nothing older is to be kept', async () => {
  const file = createRotatingFile(path, { maxBytes: 5, keep: 0 });
  file.write('one\n');
  file.write('two\n');
  await file.close();
  expect(textOf('app.log')).toBe('two\n');
  expect(readdirSync(join(dir, 'logs'))).toEqual(['app.log']);
});

it('never throws, and tells of the gap when the disk is back', async () => {
  writeFileSync(join(dir, 'logs'), 'in the way');
  const file = createRotatingFile(path, { maxBytes: 1_000, keep: 1 });
  file.write('one\n');
  file.write('two\n');
  rmSync(join(dir, 'logs'));
  file.write('three\n');
  await file.close();
  expect(textOf('app.log')).toBe('2 lines could not be written here\nthree\n');
});

it('closes twice and opens again when it is written to', async () => {
  const file = createRotatingFile(path, { maxBytes: 1_000, keep: 1 });
  await file.close();
  expect(existsSync(path)).toBe(false);
  file.write('late\n');
  await file.close();
  await file.close();
  expect(textOf('app.log')).toBe('late\n');
});

it('writes a million identical errors in less than a megabyte, and says how many there were', async () => {
  const file = createRotatingFile(path, { maxBytes: 10_000_000, keep: 1, now: () => 0 });
  const [head, tail] = ['{"time":"2026-11-22T10:00:00.', 'Z","level":"error","source":"app","message":"failed"}\n'];
  for (let count = 0; count < 1_000_000; count += 1) file.write(`${head}${100 + (count % 900)}${tail}`);
  await file.close();
  const lines = textOf('app.log').trim().split('\n');
  expect(statSync(path).size).toBeLessThan(1_000_000);
  expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({ note: 'repeated 999995 times', message: 'failed' });
  expect(lines).toHaveLength(6);
});
