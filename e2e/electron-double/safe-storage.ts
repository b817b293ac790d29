import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { appPath } from './app-paths.ts';
import { controls } from './controls.ts';
import { readiness } from './readiness.ts';
import { strict } from './strict.ts';

const MARK = Buffer.from('v10');
const IV_BYTES = 12;
const TAG_BYTES = 16;

/** Encrypts with a key beside the user data, so that secrets survive a restart and differ between homes. */
export const safeStorage = strict<Electron.SafeStorage>('safeStorage', {
  isEncryptionAvailable: () => isAvailable(),
  isAsyncEncryptionAvailable: async () => isAvailable(),
  getSelectedStorageBackend: () => (controls.state.encryptionAvailable ? 'gnome_libsecret' : 'basic_text'),
  setUsePlainTextEncryption: () => undefined,
  encryptString: encrypt,
  decryptString: decrypt,
  encryptStringAsync: async (text) => encrypt(text),
  decryptStringAsync: async (bytes) => ({ result: decrypt(bytes), shouldReEncrypt: false }),
});

function isAvailable(): boolean {
  return readiness.isReady && controls.state.encryptionAvailable;
}

function encrypt(text: string): Buffer {
  requireAvailable('encrypting the text provided to safeStorage.encryptString');
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key(), iv);
  return Buffer.concat([MARK, iv, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
}

function decrypt(bytes: Buffer): string {
  requireAvailable('decrypting the ciphertext provided to safeStorage.decryptString');
  const body = MARK.length + IV_BYTES;
  if (bytes.length < body + TAG_BYTES || !bytes.subarray(0, MARK.length).equals(MARK)) {
    throw new Error('Error while decrypting the ciphertext provided to safeStorage.decryptString.');
  }
  const decipher = createDecipheriv('aes-256-gcm', key(), bytes.subarray(MARK.length, body));
  decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
  return decipher.update(bytes.subarray(body, -TAG_BYTES), undefined, 'utf8') + decipher.final('utf8');
}

function requireAvailable(doing: string): void {
  if (!isAvailable()) throw new Error(`Error while ${doing}. Encryption is not available.`);
}

function key(): Buffer {
  const folder = appPath('userData');
  const file = join(folder, 'safe-storage.key');
  mkdirSync(folder, { recursive: true });
  try {
    writeFileSync(file, randomBytes(32), { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  return readFileSync(file);
}
