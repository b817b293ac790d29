import { createHash } from 'node:crypto';

import type { ParsedKey } from 'ssh2';

import type { Files } from '../platform/ports.ts';
import { opensshContainer } from './openssh-key-file.ts';
import { isEncrypted, parseKey, problemOf } from './private-key.ts';

/** A key file that needs its passphrase. */
export interface LockedIdentity {
  readonly kind: 'locked';
  readonly path: string;
  readonly text: string;
  /** Of this very content: the file may change while the app runs. */
  readonly id: string;
  /** Absent where neither the file nor one beside it shows the public half. */
  readonly publicBlob: Buffer | undefined;
}

/** A key file, as far as it can be used without asking anybody. */
export type IdentityFile =
  | { readonly kind: 'private'; readonly path: string; readonly key: ParsedKey; readonly publicBlob: Buffer }
  | LockedIdentity
  /** A bare public key: useful only when the agent holds its private half. */
  | { readonly kind: 'for-agent'; readonly path: string; readonly publicBlob: Buffer; readonly problem: string }
  | { readonly kind: 'unusable'; readonly path: string; readonly problem: string }
  | { readonly kind: 'absent'; readonly path: string };

const PUBLIC = 'it is a public key whose private half is not in your SSH agent';

/** Reads a private key in OpenSSH, PEM or PKCS#8 form. Never throws; `problem` is fit for a sentence. */
export async function readIdentityFile(path: string, files: Files): Promise<IdentityFile> {
  try {
    const text = await files.read(path);
    return text === undefined ? { kind: 'absent', path } : await toIdentity(path, text, files);
  } catch (error) {
    const denied = (error as NodeJS.ErrnoException).code;
    return { kind: 'unusable', path, problem: `it cannot be read (${denied ?? 'unknown reason'})` };
  }
}

async function toIdentity(path: string, text: string, files: Files): Promise<IdentityFile> {
  const publicBlob = opensshContainer(text)?.publicBlob ?? (await readPublicKey(`${path}.pub`, files));
  if (isEncrypted(text)) {
    // No passphrase opens what cannot be read afterwards.
    const problem = unreadableCipher(text);
    if (problem === undefined) return { kind: 'locked', path, text, publicBlob, id: digest(text) };
    return publicBlob ? { kind: 'for-agent', path, publicBlob, problem } : { kind: 'unusable', path, problem };
  }
  const key = parseKey(text);
  if (key?.isPrivateKey() === true) return { kind: 'private', path, key, publicBlob: key.getPublicSSH() };
  if (key) return { kind: 'for-agent', path, publicBlob: key.getPublicSSH(), problem: PUBLIC };
  const problem = problemOf(text);
  return publicBlob ? { kind: 'for-agent', path, publicBlob, problem } : { kind: 'unusable', path, problem };
}

function unreadableCipher(text: string): string | undefined {
  const container = opensshContainer(text);
  const isReadable =
    container === undefined || (container.cipher.startsWith('aes') && !container.keyType.startsWith('sk-'));
  return isReadable ? undefined : problemOf(text);
}

async function readPublicKey(path: string, files: Files): Promise<Buffer | undefined> {
  const text = await files.read(path).catch(() => undefined);
  return text === undefined ? undefined : parseKey(text)?.getPublicSSH();
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}
