import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { readIdentityFile } from './identity-file.ts';
import { opensshContainer } from './openssh-key-file.ts';
import { openPrivateKey, parseKey } from './private-key.ts';
import { realFiles } from './testing/real-ports.ts';

const PASSPHRASE = 'correct horse';

let dir: string;
const at = (name: string) => join(dir, name);
const run = (program: string, ...args: readonly string[]) =>
  execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
const sshKeygen = (...args: readonly string[]) =>
  // One round of bcrypt: how long it takes is another test's.
  void run('ssh-keygen', '-q', '-a', '1', '-f', at('key'), '-C', 'test', ...args);
const openssl = (...args: readonly string[]) => void run('openssl', ...args, '-out', at('key'));

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'gangway-formats-'));
});
afterAll(() => rmSync(dir, { recursive: true }));

/** Makes one file with the given steps, and removes what an earlier one left. */
function make(steps: () => void): string {
  for (const name of ['key', 'key.pub', 'plain']) rmSync(at(name), { force: true });
  steps();
  return readFileSync(at('key'), 'utf8');
}

/** What the program that made the key says is its public half. */
function publicBlob(passphrase: string): Buffer {
  execFileSync('chmod', ['600', at('key')]);
  // OpenSSH 9.2 does not read Ed25519 in PKCS#8; the last 32 bytes of what OpenSSL writes are the key.
  if (!existsSync(at('key.pub'))) {
    const der = execFileSync('openssl', [
      'pkey',
      '-in',
      at('key'),
      '-passin',
      `pass:${passphrase}`,
      '-pubout',
      '-outform',
      'DER',
    ]);
    return Buffer.concat([sshString('ssh-ed25519'), sshString(der.subarray(-32))]);
  }
  const [, base64 = ''] = run('ssh-keygen', '-y', '-P', passphrase, '-f', at('key')).split(' ');
  return Buffer.from(base64, 'base64');
}

function sshString(value: string | Buffer): Buffer {
  const bytes = Buffer.from(value);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

/** As `ssh-keygen -t ed25519-sk` writes it, which needs a security key to do so. */
function writeSecurityKey(): void {
  const publicKey = [sshString('sk-ssh-ed25519@openssh.com'), sshString(Buffer.alloc(32)), sshString('ssh:')];
  const head = ['none', 'none', ''].map(sshString);
  const one = Buffer.from([0, 0, 0, 1]);
  const file = Buffer.concat(
    ['openssh-key-v1\0', ...head, one, sshString(Buffer.concat(publicKey)), sshString('')].map((part) =>
      Buffer.from(part),
    ),
  );
  const armour = (word: string) => `-----${word} OPENSSH PRIVATE KEY-----`;
  writeFileSync(at('key'), `${armour('BEGIN')}\n${file.toString('base64')}\n${armour('END')}\n`);
}

type Format = readonly [string, () => void];

const PLAIN: readonly Format[] = [
  ['OpenSSH, Ed25519', () => sshKeygen('-t', 'ed25519', '-N', '')],
  ['OpenSSH, RSA', () => sshKeygen('-t', 'rsa', '-b', '2048', '-N', '')],
  ['OpenSSH, ECDSA 256', () => sshKeygen('-t', 'ecdsa', '-b', '256', '-N', '')],
  ['OpenSSH, ECDSA 384', () => sshKeygen('-t', 'ecdsa', '-b', '384', '-N', '')],
  ['OpenSSH, ECDSA 521', () => sshKeygen('-t', 'ecdsa', '-b', '521', '-N', '')],
  ['PEM, RSA', () => sshKeygen('-t', 'rsa', '-b', '2048', '-m', 'PEM', '-N', '')],
  ['PEM, ECDSA', () => sshKeygen('-t', 'ecdsa', '-m', 'PEM', '-N', '')],
  ['PKCS#8, RSA', () => sshKeygen('-t', 'rsa', '-b', '2048', '-m', 'PKCS8', '-N', '')],
  ['PKCS#8, ECDSA', () => sshKeygen('-t', 'ecdsa', '-m', 'PKCS8', '-N', '')],
  ['PKCS#8, Ed25519', () => openssl('genpkey', '-algorithm', 'ed25519')],
];

const LOCKED: readonly Format[] = [
  ['OpenSSH, Ed25519, aes256-ctr', () => sshKeygen('-t', 'ed25519', '-N', PASSPHRASE)],
  ['OpenSSH, RSA, aes256-ctr', () => sshKeygen('-t', 'rsa', '-b', '2048', '-N', PASSPHRASE)],
  ['OpenSSH, ECDSA, aes256-gcm', () => sshKeygen('-t', 'ecdsa', '-N', PASSPHRASE, '-Z', 'aes256-gcm@openssh.com')],
  ['OpenSSH, Ed25519, aes128-cbc', () => sshKeygen('-t', 'ed25519', '-N', PASSPHRASE, '-Z', 'aes128-cbc')],
  ['PEM, RSA', () => sshKeygen('-t', 'rsa', '-b', '2048', '-m', 'PEM', '-N', PASSPHRASE)],
  ['PEM, ECDSA', () => sshKeygen('-t', 'ecdsa', '-m', 'PEM', '-N', PASSPHRASE)],
  ['PKCS#8, RSA', () => sshKeygen('-t', 'rsa', '-b', '2048', '-m', 'PKCS8', '-N', PASSPHRASE)],
  ['PKCS#8, ECDSA', () => sshKeygen('-t', 'ecdsa', '-m', 'PKCS8', '-N', PASSPHRASE)],
  ['PKCS#8, Ed25519', () => openssl('genpkey', '-algorithm', 'ed25519', '-aes-256-cbc', '-pass', `pass:${PASSPHRASE}`)],
];

describe('a private key without a passphrase', () => {
  it.each(PLAIN)('is read: %s', async (_format, steps) => {
    make(steps);
    const identity = await readIdentityFile(at('key'), realFiles);
    expect(identity).toMatchObject({ kind: 'private', publicBlob: publicBlob('') });
  });
});

describe('a private key with a passphrase', () => {
  it.each(LOCKED)('is opened by it alone: %s', async (_format, steps) => {
    const text = make(steps);
    expect(await readIdentityFile(at('key'), realFiles)).toMatchObject({ kind: 'locked' });
    const opened = openPrivateKey(text, PASSPHRASE);
    const key = opened.status === 'open' ? parseKey(opened.pem) : undefined;
    expect(key?.isPrivateKey()).toBe(true);
    expect(key?.getPublicSSH()).toEqual(publicBlob(PASSPHRASE));
    const signature = key?.sign(Buffer.from('data'));
    expect(signature).toBeInstanceOf(Buffer);
    expect(key?.verify(Buffer.from('data'), signature as Buffer)).toBe(true);
    for (const wrong of ['wrong', '', `${PASSPHRASE} `]) {
      expect(openPrivateKey(text, wrong)).toEqual({ status: 'wrong-passphrase' });
    }
  });

  it('shows its public half before it is opened, where its form has one or a file beside it does', async () => {
    make(() => sshKeygen('-t', 'ed25519', '-N', PASSPHRASE));
    const identity = await readIdentityFile(at('key'), realFiles);
    expect(identity).toMatchObject({ kind: 'locked', publicBlob: publicBlob(PASSPHRASE) });
    make(() => sshKeygen('-t', 'rsa', '-b', '2048', '-m', 'PEM', '-N', PASSPHRASE));
    const blob = publicBlob(PASSPHRASE);
    expect(await readIdentityFile(at('key'), realFiles)).toMatchObject({ publicBlob: blob });
    rmSync(at('key.pub'));
    expect(await readIdentityFile(at('key'), realFiles)).toMatchObject({ kind: 'locked', publicBlob: undefined });
  });
});

describe('what cannot be used is said with what can be done', () => {
  it.each<[string, () => void, RegExp]>([
    [
      'chacha20-poly1305',
      () => sshKeygen('-t', 'ed25519', '-N', PASSPHRASE, '-Z', 'chacha20-poly1305@openssh.com'),
      /chacha20-poly1305; change that with ssh-keygen -p -Z aes256-ctr/,
    ],
    [
      'PuTTY',
      () => writeFileSync(at('key'), 'PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: aes256-cbc\n'),
      /PuTTYgen/,
    ],
    ['a security key', writeSecurityKey, /needs a security key/],
    ['Ed448', () => openssl('genpkey', '-algorithm', 'ed448'), /not a private key of a kind/],
  ])('%s', async (_format, steps, problem) => {
    make(steps);
    expect(await readIdentityFile(at('key'), realFiles)).toMatchObject({ problem: expect.stringMatching(problem) });
  });
});

it.each(['', 'nonsense', 'b3BlbnNzaC1rZXktdjEA', 'b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAE/////w=='])(
  'is not led astray by a broken container: %j',
  (base64) => {
    const text = `-----BEGIN OPENSSH PRIVATE KEY-----\n${base64}\n-----END OPENSSH PRIVATE KEY-----\n`;
    expect(opensshContainer(text)).toBeUndefined();
    expect(openPrivateKey(text, PASSPHRASE)).toMatchObject({ status: expect.not.stringMatching('open') });
  },
);
