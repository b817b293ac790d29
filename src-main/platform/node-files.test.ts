import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { createNodeFiles } from './node-files.ts';

const files = createNodeFiles();
const posix = process.platform !== 'win32';
let dir: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'gangway-files-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const modeOf = (path: string): number => statSync(path).mode & 0o777;

describe('reading', () => {
  it('gives the text', async () => {
    writeFileSync(join(dir, 'a'), 'wörds');
    expect(await files.read(join(dir, 'a'))).toBe('wörds');
  });

  it.each(['missing', 'a/below-a-file'])('gives nothing for %s', async (name) => {
    writeFileSync(join(dir, 'a'), '');
    expect(await files.read(join(dir, name))).toBeUndefined();
  });

  it('gives the names in a folder, and none for what is no folder', async () => {
    writeFileSync(join(dir, 'a'), '');
    writeFileSync(join(dir, '.b'), '');
    expect((await files.list(dir)).toSorted()).toEqual(['.b', 'a']);
    expect(await files.list(join(dir, 'a'))).toEqual([]);
    expect(await files.list(join(dir, 'missing'))).toEqual([]);
  });

  it('rejects with the error of the system when it cannot be read', async () => {
    await expect(files.read(dir)).rejects.toMatchObject({ code: 'EISDIR' });
  });
});

describe('writing as a whole', () => {
  it('makes the folders, writes the text and leaves nothing else', async () => {
    await files.writeAtomic(join(dir, 'x', 'y', 'a'), 'new');
    expect(readFileSync(join(dir, 'x', 'y', 'a'), 'utf8')).toBe('new');
    expect(readdirSync(join(dir, 'x', 'y'))).toEqual(['a']);
  });

  it.runIf(posix)('gives the file mode 0600 and new folders mode 0700, also over a wider file', async () => {
    writeFileSync(join(dir, 'a'), 'old');
    chmodSync(join(dir, 'a'), 0o666);
    await files.writeAtomic(join(dir, 'a'), 'new');
    await files.writeAtomic(join(dir, 'x', 'a'), 'new');
    expect([modeOf(join(dir, 'a')), modeOf(join(dir, 'x', 'a')), modeOf(join(dir, 'x'))]).toEqual([
      0o600, 0o600, 0o700,
    ]);
  });

  it('leaves the old state and no rest behind when the rename fails', async () => {
    await mkdir(join(dir, 'a', 'full'), { recursive: true });
    await expect(files.writeAtomic(join(dir, 'a'), 'new')).rejects.toMatchObject({
      info: { code: 'app/file-unwritable', params: { file: join(dir, 'a') } },
    });
    expect(readdirSync(dir)).toEqual(['a']);
    expect(existsSync(join(dir, 'a', 'full'))).toBe(true);
  });

  it('never shows a reader anything but one whole text', async () => {
    const path = join(dir, 'a');
    const texts = ['a', 'b'].map((letter) => letter.repeat(300_000));
    await files.writeAtomic(path, texts[0] ?? '');
    const seen: (string | undefined)[] = [];
    const writing = Promise.all(
      Array.from({ length: 20 }, (_, index) => files.writeAtomic(path, texts[index % 2] ?? '')),
    );
    for (let index = 0; index < 20; index += 1) seen.push(await files.read(path));
    await writing;
    expect(seen.every((text) => texts.includes(text ?? ''))).toBe(true);
    expect(readdirSync(dir)).toEqual(['a']);
  });

  it.runIf(posix)('writes through a link and keeps the link', async () => {
    writeFileSync(join(dir, 'real'), 'old');
    symlinkSync(join(dir, 'real'), join(dir, 'link'));
    await files.writeAtomic(join(dir, 'link'), 'new');
    expect(readFileSync(join(dir, 'real'), 'utf8')).toBe('new');
    expect(readdirSync(dir).toSorted()).toEqual(['link', 'real']);
  });

  it('says in plain words why it could not', async () => {
    writeFileSync(join(dir, 'a'), '');
    await expect(files.writeAtomic(join(dir, 'a', 'b'), '')).rejects.toMatchObject({
      info: { params: { reason: 'a part of its path is not a folder' } },
    });
    await expect(files.append(dir, 'x')).rejects.toMatchObject({ info: { params: { reason: 'it is a folder' } } });
  });
});

describe('the rest', () => {
  it('adds to the end', async () => {
    const path = join(dir, 'x', 'log');
    await files.append(path, 'one\n');
    await files.append(path, 'two\n');
    expect(readFileSync(path, 'utf8')).toBe('one\ntwo\n');
  });

  it.runIf(posix)('creates what it adds to with mode 0600', async () => {
    await files.append(join(dir, 'log'), 'one');
    expect(modeOf(join(dir, 'log'))).toBe(0o600);
  });

  it('copies', async () => {
    await files.writeAtomic(join(dir, 'a'), 'text');
    await files.copy(join(dir, 'a'), join(dir, 'x', 'b'));
    expect(await files.read(join(dir, 'x', 'b'))).toBe('text');
  });

  it('reports a copy of nothing', async () => {
    await expect(files.copy(join(dir, 'no'), join(dir, 'b'))).rejects.toMatchObject({
      info: { code: 'app/file-unwritable', params: { reason: 'it does not exist' } },
    });
  });

  it('removes, also what is not there', async () => {
    await files.append(join(dir, 'a'), '');
    await files.remove(join(dir, 'a'));
    await files.remove(join(dir, 'a'));
    expect(readdirSync(dir)).toEqual([]);
  });
});
