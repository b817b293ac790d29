import { expect, it } from 'vitest';

import type { Files, SecretStore } from '../platform/ports.ts';
import type { SafeStorageApi } from './electron-api.ts';
import { createElectronSecretStore } from './electron-secret-store.ts';

class MemoryFiles implements Files {
  readonly texts = new Map<string, string>();

  async read(path: string): Promise<string | undefined> {
    return this.texts.get(path);
  }

  async list(): Promise<readonly string[]> {
    return [];
  }

  async rewrite(path: string, text: string): Promise<void> {
    return this.writeAtomic(path, text);
  }

  async writeAtomic(path: string, text: string): Promise<void> {
    this.texts.set(path, text);
  }

  async append(): Promise<void> {}

  async copy(): Promise<void> {}

  async remove(path: string): Promise<void> {
    this.texts.delete(path);
  }
}

function memoryStore(): SecretStore & { readonly values: Map<string, string> } {
  const values = new Map<string, string>();
  return {
    values,
    get: async (name) => values.get(name),
    set: async (name, value) => void values.set(name, value),
    delete: async (name) => void values.delete(name),
  };
}

/** Turns a text around instead of encrypting it; with another key it is garbage. */
function keychain(state: { available: boolean; backend?: string; broken?: boolean; stale?: boolean }): SafeStorageApi {
  const reversed = (text: string): string => text.split('').toReversed().join('');
  return {
    isAsyncEncryptionAvailable: async () => state.available,
    encryptStringAsync: async (text) => Buffer.from(reversed(text)),
    decryptStringAsync: async (sealed) => {
      if (state.broken === true) throw new Error('Error while decrypting the ciphertext');
      return { result: reversed(sealed.toString()), shouldReEncrypt: state.stale === true };
    },
    getSelectedStorageBackend: () => (state.backend ?? 'gnome_libsecret') as 'basic_text',
  };
}

function setUp(state: Parameters<typeof keychain>[0], platform: NodeJS.Platform = 'linux') {
  const files = new MemoryFiles();
  const fallback = memoryStore();
  const told: string[] = [];
  const create = (now = state): SecretStore =>
    createElectronSecretStore({
      safeStorage: keychain(now),
      files,
      platform,
      folder: '/User/me/.gangway/secrets',
      fallback,
      onFallback: () => told.push('fallback'),
    });
  return { store: create(), create, files, fallback, told };
}

const NAME = 'gateway.studio.token';

it('keeps a secret where only the keychain can open it', async () => {
  const { store, files, fallback, told } = setUp({ available: true });
  await store.set(NAME, 'hunter2');
  expect(await store.get(NAME)).toBe('hunter2');
  expect([...files.texts.values()].join()).not.toContain('hunter2');
  expect([fallback.values.size, told.length]).toEqual([0, 0]);
});

it.each([
  ['no keychain answers', { available: false }, 'darwin'],
  ['Linux would use a password known to all', { available: true, backend: 'basic_text' }, 'linux'],
  ['Linux does not know its keyring', { available: true, backend: 'unknown' }, 'linux'],
] as const)('when %s it uses the files of this user and says so once', async (_why, state, platform) => {
  const { store, files, fallback, told } = setUp(state, platform);
  await store.set(NAME, 'hunter2');
  await store.set('other', 'x');
  expect([await store.get(NAME), fallback.values.get(NAME), files.texts.size]).toEqual(['hunter2', 'hunter2', 0]);
  expect(told).toEqual(['fallback']);
});

it('moves a secret into the keychain once there is one', async () => {
  const { store, create, files, fallback } = setUp({ available: false });
  await store.set(NAME, 'hunter2');
  expect(await create({ available: true }).get(NAME)).toBe('hunter2');
  expect([fallback.values.size, files.texts.size]).toEqual([0, 1]);
});

it.each([
  ['the keychain is locked', { available: false }],
  ['the key was lost', { available: true, broken: true }],
])('says that a secret is there but cannot be opened when %s', async (_why, later) => {
  const { store, create } = setUp({ available: true });
  await store.set(NAME, 'hunter2');
  await expect(create(later).get(NAME)).rejects.toMatchObject({
    info: { code: 'secrets/unreadable', params: { name: NAME } },
  });
});

it('forgets a secret in both places', async () => {
  const { store, files, fallback } = setUp({ available: true });
  await store.set(NAME, 'hunter2');
  fallback.values.set(NAME, 'old');
  await store.delete(NAME);
  expect([await store.get(NAME), files.texts.size, fallback.values.size]).toEqual([undefined, 0, 0]);
});

it.each(['../evil', 'a/b', 'A', '', 'x\u0000'])('makes no file of the name %j', (name) => {
  expect(() => setUp({ available: true }).store.get(name)).toThrow(TypeError);
});
