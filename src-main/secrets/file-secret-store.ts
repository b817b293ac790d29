import { join } from 'node:path';

import { fail } from '../contract/errors.ts';
import type { Files, SecretStore } from '../platform/ports.ts';

const NAME = /^[a-z0-9][a-z0-9.-]{0,127}$/;

/**
 * Keeps each secret in a file of its own, of mode 0600 in a folder of mode 0700: for computers
 * without a keychain, such as servers. A file may be written by hand; its last line end is not
 * part of the secret.
 *
 * A name that could lead out of the folder is a bug of the caller: `RangeError`.
 */
export function createFileSecretStore(dir: string, files: Files): SecretStore {
  return {
    async get(name) {
      const path = pathOf(dir, name);
      const text = await files.read(path).catch((error: unknown) => {
        throw fail('secrets/unreadable', { name }, error);
      });
      return text?.replace(/\r?\n$/, '');
    },
    set: async (name, value) => files.writeAtomic(pathOf(dir, name), `${value}\n`),
    delete: async (name) => files.remove(pathOf(dir, name)),
  };
}

function pathOf(dir: string, name: string): string {
  if (!NAME.test(name)) throw new RangeError('a secret is named by small letters, digits, dots and hyphens');
  return join(dir, name);
}
