import { join } from 'node:path';

import { fail } from '../contract/errors.ts';
import type { Files, SecretStore } from '../platform/ports.ts';
import type { SafeStorageApi } from './electron-api.ts';

const NAME = /^[a-z0-9.-]+$/;

/** What Electron reports on Linux when it would encrypt with a password that is the same everywhere. */
const NO_KEYRING: ReadonlySet<string> = new Set(['basic_text', 'unknown']);

export interface ElectronSecretStoreDeps {
  readonly safeStorage: SafeStorageApi;
  readonly files: Files;
  readonly platform: NodeJS.Platform;
  /** Folder for the encrypted files. */
  readonly folder: string;
  /** Where secrets go while the system offers no keychain: files that only this user can read. */
  readonly fallback: SecretStore;
  /** Called once, when a secret had to be kept without a keychain. */
  readonly onFallback: () => void;
}

/**
 * Secrets as files that only the keychain of the system can open. A secret is in exactly one place: storing it in
 * one removes it from the other. Usable once Electron is ready.
 */
export function createElectronSecretStore(deps: ElectronSecretStoreDeps): SecretStore {
  const store = new KeychainFiles(deps);
  return {
    get: (name) => store.get(checked(name)),
    set: (name, value) => store.set(checked(name), value),
    delete: (name) => store.delete(checked(name)),
  };
}

class KeychainFiles {
  readonly #deps: ElectronSecretStoreDeps;
  #hasKeychain: Promise<boolean> | undefined;
  #hasToldFallback = false;

  constructor(deps: ElectronSecretStoreDeps) {
    this.#deps = deps;
  }

  async get(name: string): Promise<string | undefined> {
    const stored = await this.#deps.files.read(this.#file(name));
    if (stored !== undefined) return this.#decrypted(name, stored);
    const plain = await this.#deps.fallback.get(name);
    // The keychain has come since: the plain copy has no reason to stay.
    if (plain !== undefined && (await this.#keychain())) await this.set(name, plain);
    return plain;
  }

  async set(name: string, value: string): Promise<void> {
    if (await this.#keychain()) {
      const sealed = await this.#deps.safeStorage.encryptStringAsync(value);
      await this.#deps.files.writeAtomic(this.#file(name), `${sealed.toString('base64')}\n`);
      await this.#deps.fallback.delete(name);
      return;
    }
    this.#tellFallback();
    await this.#deps.fallback.set(name, value);
    await this.#deps.files.remove(this.#file(name));
  }

  async delete(name: string): Promise<void> {
    await this.#deps.files.remove(this.#file(name));
    await this.#deps.fallback.delete(name);
  }

  async #decrypted(name: string, stored: string): Promise<string> {
    if (!(await this.#keychain())) throw fail('secrets/unreadable', { name });
    try {
      const { result, shouldReEncrypt } = await this.#deps.safeStorage.decryptStringAsync(
        Buffer.from(stored, 'base64'),
      );
      if (shouldReEncrypt) await this.set(name, result);
      return result;
    } catch (error) {
      throw fail('secrets/unreadable', { name }, error);
    }
  }

  #keychain(): Promise<boolean> {
    this.#hasKeychain ??= this.#askKeychain();
    return this.#hasKeychain;
  }

  async #askKeychain(): Promise<boolean> {
    const { safeStorage, platform } = this.#deps;
    if (!(await safeStorage.isAsyncEncryptionAvailable())) return false;
    return platform !== 'linux' || !NO_KEYRING.has(safeStorage.getSelectedStorageBackend());
  }

  #tellFallback(): void {
    if (this.#hasToldFallback) return;
    this.#hasToldFallback = true;
    this.#deps.onFallback();
  }

  #file(name: string): string {
    return join(this.#deps.folder, `${name}.sealed`);
  }
}

/** A name becomes the name of a file. */
function checked(name: string): string {
  if (!NAME.test(name))
    throw new TypeError('the name of a secret has only lower case letters, digits, dots and dashes');
  return name;
}
