import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';

import { createNodeFiles } from '../platform/node-files.ts';
import type { SecretStore } from '../platform/ports.ts';
import { createFileSecretStore } from './file-secret-store.ts';
import { generateToken } from './generate-token.ts';

let dir: string;
let store: SecretStore;

beforeEach(() => {
  dir = join(mkdtempSync(join(tmpdir(), 'gangway-secrets-')), 'secrets');
  store = createFileSecretStore(dir, createNodeFiles());
});
afterEach(() => rmSync(join(dir, '..'), { recursive: true, force: true }));

it('has nothing at first', async () => {
  expect(await store.get('gateway.local.token')).toBeUndefined();
});

it.each([generateToken(), 'with spaces ä', 'line\nline\n', 'ends with\r\n', ''])(
  'gives back %j as it was',
  async (value) => {
    await store.set('a', value);
    expect(await store.get('a')).toBe(value);
  },
);

it('does not count the line end an editor adds', async () => {
  mkdirSync(dir);
  writeFileSync(join(dir, 'a'), 'by-hand\r\n');
  expect(await store.get('a')).toBe('by-hand');
});

it('replaces and deletes, also what is not there', async () => {
  await store.set('a', 'one');
  await store.set('a', 'two');
  expect(await store.get('a')).toBe('two');
  await store.delete('a');
  await store.delete('a');
  expect(await store.get('a')).toBeUndefined();
});

it.runIf(process.platform !== 'win32')('keeps secrets from other users', async () => {
  await store.set('a', 'x');
  expect([statSync(dir).mode & 0o777, statSync(join(dir, 'a')).mode & 0o777]).toEqual([0o700, 0o600]);
});

it.each(['', '.', '..', '../a', 'a/b', 'a\\b', '.a', 'A', 'a b', 'a\0', 'ä', 'x'.repeat(129)])(
  'refuses the name “%s”',
  async (name) => {
    for (const access of [store.get(name), store.set(name, 'x'), store.delete(name)]) {
      await expect(access).rejects.toThrow(RangeError);
    }
    expect(() => readdirSync(dir)).toThrow('ENOENT');
  },
);

it('says that a secret is there and cannot be opened', async () => {
  mkdirSync(join(dir, 'a'), { recursive: true });
  await expect(store.get('a')).rejects.toMatchObject({ info: { code: 'secrets/unreadable', params: { name: 'a' } } });
});

it('makes tokens of 256 bits that never repeat', () => {
  const tokens = Array.from({ length: 1_000 }, generateToken);
  expect(new Set(tokens).size).toBe(1_000);
  expect(tokens.every((token) => /^[\w-]{43}$/.test(token))).toBe(true);
});
