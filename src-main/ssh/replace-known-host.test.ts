import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { toErrorInfo } from '../contract/errors.ts';
import { parseHostKey, type HostKey } from './host-key.ts';
import { lookUpHost, type HostName } from './known-hosts.ts';
import { replaceInText, replaceKnownHost } from './replace-known-host.ts';
import { generateKey } from './testing/private-sshd.ts';
import { realClock, realFiles } from './testing/real-ports.ts';

interface TestKey extends HostKey {
  readonly line: string;
}

let dir: string;
let fresh: TestKey;
let old: TestKey;
let older: TestKey;
let ecdsa: TestKey;

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'gangway-replace-'));
  [fresh, old, older] = [makeKey('fresh', 'ed25519'), makeKey('old', 'ed25519'), makeKey('older', 'ed25519')];
  ecdsa = makeKey('ecdsa', 'ecdsa');
});
afterAll(() => rmSync(dir, { recursive: true }));

function makeKey(name: string, type: string): TestKey {
  const file = join(dir, name);
  generateKey(file, '-t', type);
  const [, base64 = ''] = readFileSync(`${file}.pub`, 'utf8').split(' ');
  const key = parseHostKey(Buffer.from(base64, 'base64'));
  if (!key) throw new Error('ssh-keygen wrote no key');
  return { ...key, line: `${key.type} ${base64}` };
}

const studio: HostName = { host: 'studio', port: 22, alias: undefined };
const onPort: HostName = { host: '127.0.0.1', port: 42_222, alias: undefined };

const numbersFor = (text: string, name: HostName): number[] =>
  lookUpHost([{ path: '/kh', text }], name)
    .contradictions(fresh)
    .map(({ line }) => line);

const replaced = (text: string, name = studio): string =>
  replaceInText(text, { name, key: fresh, numbers: numbersFor(text, name), isFirst: true });

/** The lines that the real `ssh-keygen` finds for a name, without names and comments. */
function found(text: string, name: string): string[] {
  const file = join(dir, 'find');
  writeFileSync(file, text);
  const run = () => execFileSync('ssh-keygen', ['-F', name, '-f', file], { encoding: 'utf8' });
  const said = ((): string => {
    try {
      return run();
    } catch {
      return '';
    }
  })();
  return said
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => /(ssh|ecdsa)\S+ \S+/.exec(line)?.[0] ?? line);
}

function hashed(text: string): string {
  const file = join(dir, 'to-hash');
  writeFileSync(file, text);
  execFileSync('ssh-keygen', ['-H', '-f', file], { stdio: 'ignore' });
  return readFileSync(file, 'utf8');
}

describe('replacing the known key of a host', () => {
  it('puts it in the place of the old one and keeps the comment', () => {
    expect(replaced(`# mine\nstudio ${old.line} laptop, 2024\nother ${old.line}\n`)).toBe(
      `# mine\nstudio ${fresh.line} laptop, 2024\nother ${old.line}\n`,
    );
  });

  it.each([
    ['spelled out', (text: string) => text],
    ['hashed', hashed],
  ])('leaves lines alone that have changed places since, with names %s', (_how, write) => {
    const numbers = numbersFor(`studio ${old.line}\nbank ${older.line}\n`, studio);
    const text = write(`bank ${older.line}\nstudio ${old.line}\n`);
    expect(replaceInText(text, { name: studio, key: fresh, numbers, isFirst: true })).toBe(text);
  });

  it('leaves the other hosts of a line their key', () => {
    const text = replaced(`attic,Studio,192.168.1.5 ${old.line} house\n`);
    expect(text).toBe(`attic,192.168.1.5 ${old.line} house\nstudio ${fresh.line}\n`);
    expect([found(text, 'studio'), found(text, 'attic')]).toEqual([[fresh.line], [old.line]]);
  });

  it('makes an exception in a pattern', () => {
    const text = replaced(`stud* ${old.line}\n`);
    expect(text).toBe(`stud*,!studio ${old.line}\nstudio ${fresh.line}\n`);
    expect([found(text, 'studio'), found(text, 'studio2')]).toEqual([[fresh.line], [old.line]]);
  });

  it('makes an exception for the name and port', () => {
    const text = replaced(`[127.0.0.*]:* ${old.line}\n`, onPort);
    expect(found(text, '[127.0.0.1]:42222')).toEqual([fresh.line]);
    expect(found(text, '[127.0.0.2]:42222')).toEqual([old.line]);
  });

  it('changes hashed lines without spelling out the name', () => {
    const text = replaced(hashed(`studio ${old.line}\nattic ${old.line}\n`));
    expect(text).not.toMatch(/studio|attic/);
    expect([found(text, 'studio'), found(text, 'attic')]).toEqual([[fresh.line], [old.line]]);
  });

  it('hides a name that leaves its list, where names are hidden', () => {
    const text = replaced(`${hashed(`attic ${old.line}\n`)}studio,shed ${old.line}\n`);
    expect(text).not.toContain('studio');
    expect([found(text, 'studio'), found(text, 'shed')]).toEqual([[fresh.line], [old.line]]);
  });

  it('takes every old key of that type, and leaves the other types', () => {
    const text = replaced(`studio ${old.line}\nstudio ${ecdsa.line}\nstudio,shed ${older.line}\n`);
    expect(text).toBe(`studio ${fresh.line}\nstudio ${ecdsa.line}\nshed ${older.line}\n`);
  });

  it('takes the keys of other types where there is none of that type', () => {
    expect(replaced(`studio ${ecdsa.line}\n`)).toBe(`studio ${fresh.line}\n`);
  });

  it('touches no mark, no garbage and no end of line', () => {
    const marks = `@revoked studio ${older.line}\r\n@cert-authority * ${old.line}\r\n\u0001junk studio\r\n\r\n`;
    expect(replaced(`${marks}studio ${old.line} x\r\n`)).toBe(`${marks}studio ${fresh.line} x\r\n`);
  });

  it('changes nothing when the key is known', () => {
    const text = `studio ${old.line}\nstudio ${fresh.line}\n`;
    expect(numbersFor(text, studio)).toEqual([]);
  });
});

describe('the file', () => {
  const replaceIn = (...files: string[]) =>
    replaceKnownHost(
      { name: studio, key: fresh, lines: files.map((file) => ({ file, line: 1 })) },
      { files: realFiles, clock: realClock },
    );

  it('keeps its mode and its link, and a copy lies beside it', async () => {
    const file = join(dir, 'real_known_hosts');
    const link = join(dir, 'linked_known_hosts');
    writeFileSync(file, `studio ${old.line}\n`);
    chmodSync(file, 0o664);
    symlinkSync(file, link);
    const [copy = ''] = await replaceIn(link);
    expect(readFileSync(file, 'utf8')).toBe(`studio ${fresh.line}\n`);
    expect(statSync(file).mode & 0o777).toBe(0o664);
    expect(copy).toMatch(/linked_known_hosts\.before-\d{8}-\d{6}$/);
    expect(readFileSync(copy, 'utf8')).toBe(`studio ${old.line}\n`);
  });

  it('gets the new key once when there are two of them', async () => {
    const [one, two] = [join(dir, 'kh1'), join(dir, 'kh2')];
    writeFileSync(one, `studio ${old.line}\n`);
    writeFileSync(two, `studio,shed ${old.line}\n`);
    await replaceIn(one, two);
    expect([readFileSync(one, 'utf8'), readFileSync(two, 'utf8')]).toEqual([
      `studio ${fresh.line}\n`,
      `shed ${old.line}\n`,
    ]);
  });

  it('is as it was when it cannot be written', async () => {
    const folder = join(dir, 'nowhere');
    const problem = await replaceIn(join(folder, 'known_hosts')).catch(toErrorInfo);
    expect(problem).toMatchObject({ code: 'app/file-unwritable' });
    expect(readdirSync(dir)).not.toContain('.known_hosts.tmp');
  });
});
