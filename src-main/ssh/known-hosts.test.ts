import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { toErrorInfo } from '../contract/errors.ts';
import { fingerprint, parseHostKey, type HostKey } from './host-key.ts';
import { matchesHostList } from './host-pattern.ts';
import { appendKnownHost, readKnownHosts } from './known-hosts-files.ts';
import { lookUpHost, type HostName } from './known-hosts.ts';
import { generateKey } from './testing/private-sshd.ts';
import { realFiles } from './testing/real-ports.ts';

interface TestKey extends HostKey {
  readonly line: string;
}

let dir: string;
let ed: TestKey;
let otherEd: TestKey;
let ecdsa: TestKey;

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'gangway-known-hosts-'));
  ed = makeKey('ed', 'ed25519');
  otherEd = makeKey('other-ed', 'ed25519');
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

/** As `ssh-keygen -H` hides the names. */
function hashed(text: string): string {
  const file = join(dir, 'to-hash');
  writeFileSync(file, text);
  execFileSync('ssh-keygen', ['-H', '-f', file], { stdio: 'ignore' });
  return readFileSync(file, 'utf8');
}

const onPort: HostName = { host: '127.0.0.1', port: 42_222, alias: undefined };
const onUsualPort: HostName = { host: 'Studio', port: 22, alias: undefined };

function judge(text: string, key: HostKey = ed, name: HostName = onPort) {
  return lookUpHost([{ path: '/kh', text }], name).judge(key).verdict;
}

describe('a known_hosts file', () => {
  it.each<[string, () => string, string]>([
    ['the bracketed name and port', () => `[127.0.0.1]:42222 ${ed.line}`, 'known'],
    ['the bare name for another port', () => `127.0.0.1 ${ed.line}`, 'known'],
    ['a comment after the key', () => `[127.0.0.1]:42222 ${ed.line} laptop, 2026`, 'known'],
    ['a line with a carriage return', () => `[127.0.0.1]:42222 ${ed.line}\r\n`, 'known'],
    [
      'two keys, the second being right',
      () => `[127.0.0.1]:42222 ${otherEd.line}\n[127.0.0.1]:42222 ${ed.line}`,
      'known',
    ],
    ['a list of names', () => `studio,[127.0.0.1]:42222 ${ed.line}`, 'known'],
    ['a wildcard', () => `[127.0.0.*]:* ${ed.line}`, 'known'],
    ['a question mark', () => `[127.0.0.?]:42222 ${ed.line}`, 'known'],
    ['a negated name of this port', () => `*,![127.0.0.1]:42222 ${ed.line}`, 'known'],
    ['a negated name of all ports', () => `*,![127.0.0.1]:42222,!127.0.0.1 ${ed.line}`, 'unknown'],
    ['hashed names', () => hashed(`[127.0.0.1]:42222 ${ed.line}\n`), 'known'],
    ['the hash of the bare name', () => hashed(`127.0.0.1 ${ed.line}\n`), 'known'],
    ['the hash of another name', () => hashed(`studio ${ed.line}\n`), 'unknown'],
    ['another key of that type', () => `[127.0.0.1]:42222 ${otherEd.line}`, 'changed'],
    ['another key behind hashed names', () => hashed(`[127.0.0.1]:42222 ${otherEd.line}\n`), 'changed'],
    ['only a key of another type', () => `[127.0.0.1]:42222 ${ecdsa.line}`, 'changed'],
    ['another key for the bare name', () => `127.0.0.1 ${otherEd.line}`, 'unknown'],
    [
      'another key for this port, and the shown one for the bare name',
      () => `[127.0.0.1]:42222 ${otherEd.line}\n127.0.0.1 ${ed.line}`,
      'changed',
    ],
    [
      'a key of another type for this port, and the shown one for the bare name',
      () => `[127.0.0.1]:42222 ${ecdsa.line}\n127.0.0.1 ${ed.line}`,
      'known',
    ],
    ['another host', () => `[127.0.0.2]:42222 ${ed.line}`, 'unknown'],
    ['only a certificate authority', () => `@cert-authority * ${ed.line}`, 'unknown'],
    ['the key as revoked everywhere', () => `[127.0.0.1]:42222 ${ed.line}\n@revoked * ${ed.line}`, 'revoked'],
    ['another key as revoked', () => `@revoked * ${otherEd.line}\n[127.0.0.1]:42222 ${ed.line}`, 'known'],
    ['nothing', () => '', 'unknown'],
    ['a comment', () => `# [127.0.0.1]:42222 ${ed.line}`, 'unknown'],
    ['garbage before a good line', () => `\u0000junk\n|1|x|y z\n[127.0.0.1]:42222 ${ed.line}`, 'known'],
    ['a key whose type does not fit', () => `[127.0.0.1]:42222 ssh-rsa ${ed.line.split(' ')[1]}`, 'unknown'],
  ])('with %s', (_what, text, verdict) => {
    expect(judge(text())).toBe(verdict);
  });

  it('is read without regard to the case of names', () => {
    expect(judge(`STUDIO ${ed.line}`, ed, onUsualPort)).toBe('known');
  });

  it('is searched for the alias alone when there is one', () => {
    const aliased = { ...onPort, alias: 'Garage' };
    expect(judge(`garage ${ed.line}`, ed, aliased)).toBe('known');
    expect(judge(`[127.0.0.1]:42222 ${ed.line}`, ed, aliased)).toBe('unknown');
  });

  it('tells where the key is that was expected', () => {
    const text = `# mine\n[127.0.0.1]:42222 ${ecdsa.line}\n[127.0.0.1]:42222 ${otherEd.line}\n`;
    expect(lookUpHost([{ path: '/kh', text }], onPort).judge(ed)).toEqual({
      verdict: 'changed',
      file: '/kh',
      line: 3,
      knownKeyType: 'ssh-ed25519',
      knownFingerprint: fingerprint(otherEd.blob),
    });
  });

  it('tells the type of a known key that is another', () => {
    const judged = lookUpHost([{ path: '/kh', text: `[127.0.0.1]:42222 ${ecdsa.line}\n` }], onPort).judge(ed);
    expect(judged).toMatchObject({ knownKeyType: 'ecdsa-sha2-nistp256', knownFingerprint: fingerprint(ecdsa.blob) });
  });

  it('lists the types to ask the server for', () => {
    const text = `[127.0.0.1]:42222 ${ecdsa.line}\n@revoked * ${ed.line}\n@cert-authority * ${otherEd.line}\n`;
    expect(lookUpHost([{ path: '/kh', text }], onPort).types).toEqual(['ecdsa-sha2-nistp256']);
  });

  it('is read together with the one of the system', () => {
    const files = [
      { path: '/user', text: '' },
      { path: '/system', text: `[127.0.0.1]:42222 ${ed.line}` },
    ];
    expect(lookUpHost(files, onPort).judge(ed).verdict).toBe('known');
  });
});

it('shows fingerprints as OpenSSH does', () => {
  const shown = execFileSync('ssh-keygen', ['-lf', join(dir, 'ed.pub')], { encoding: 'utf8' }).split(' ')[1];
  expect(fingerprint(ed.blob)).toBe(shown);
});

it('matches a hostile pattern without taking forever', () => {
  const pattern = `${'*a'.repeat(500)}b`;
  expect(matchesHostList(pattern, 'a'.repeat(5_000))).toBe(false);
});

describe('adding a key', () => {
  const append = (file: string, name: HostName) => appendKnownHost(file, { name, key: ed }, realFiles);
  const find = (file: string, name: string) =>
    execFileSync('ssh-keygen', ['-F', name, '-f', file], { encoding: 'utf8' });

  it('makes a private file in a private folder that ssh-keygen understands', async () => {
    const file = join(dir, 'new', 'known_hosts');
    await append(file, onPort);
    expect(find(file, '[127.0.0.1]:42222')).toContain(ed.line);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(join(dir, 'new')).mode & 0o777).toBe(0o700);
  });

  it('begins a new line when the last one has no end', async () => {
    const file = join(dir, 'no-newline');
    writeFileSync(file, `studio ${otherEd.line}`);
    await append(file, onPort);
    expect(readFileSync(file, 'utf8')).toBe(`studio ${otherEd.line}\n[127.0.0.1]:42222 ${ed.line}\n`);
  });

  it('hides the name where names are hidden', async () => {
    const file = join(dir, 'hashed');
    writeFileSync(file, hashed(`studio ${otherEd.line}\n`));
    await append(file, onPort);
    expect(readFileSync(file, 'utf8')).not.toContain('127.0.0.1');
    expect(find(file, '[127.0.0.1]:42222')).toContain(ed.line);
    expect(find(file, 'studio')).toContain(otherEd.line);
  });

  it('hides the name where that is wished for', async () => {
    const file = join(dir, 'wished');
    await appendKnownHost(file, { name: onPort, key: ed, isHashed: true }, realFiles);
    expect(readFileSync(file, 'utf8')).not.toContain('127.0.0.1');
    expect(find(file, '[127.0.0.1]:42222')).toContain(ed.line);
  });

  it('names a file that cannot be read', async () => {
    const file = join(dir, 'folder');
    mkdirSync(file);
    const unreadable = { code: 'ssh/known-hosts-unreadable', params: { file } };
    expect(await append(file, onPort).catch(toErrorInfo)).toEqual(unreadable);
    expect(await readKnownHosts([file], realFiles).catch(toErrorInfo)).toEqual(unreadable);
  });
});
