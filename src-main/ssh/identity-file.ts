import { createPrivateKey } from 'node:crypto';

import ssh2, { type ParsedKey } from 'ssh2';

import type { Files } from '../platform/ports.ts';

/** A key file, as far as it can be used without asking for a passphrase. */
export type IdentityFile =
  | { readonly kind: 'private'; readonly path: string; readonly key: ParsedKey; readonly publicBlob: Buffer }
  /** An encrypted key or a bare public one: useful only when the agent holds it. */
  | { readonly kind: 'for-agent'; readonly path: string; readonly publicBlob: Buffer; readonly problem: string }
  | { readonly kind: 'unusable'; readonly path: string; readonly problem: string }
  | { readonly kind: 'absent'; readonly path: string };

const ENCRYPTED = 'it is protected by a passphrase; add it to your SSH agent';
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
  if (isEncrypted(text)) {
    const publicBlob = publicPartOf(text) ?? (await readPublicKey(`${path}.pub`, files));
    return publicBlob
      ? { kind: 'for-agent', path, publicBlob, problem: ENCRYPTED }
      : { kind: 'unusable', path, problem: ENCRYPTED };
  }
  const key = parseAny(text);
  if (!key) return { kind: 'unusable', path, problem: 'it is not a private key of a kind Gangway can read' };
  const publicBlob = key.getPublicSSH();
  return key.isPrivateKey()
    ? { kind: 'private', path, key, publicBlob }
    : { kind: 'for-agent', path, publicBlob, problem: PUBLIC };
}

function isEncrypted(text: string): boolean {
  if (/BEGIN ENCRYPTED PRIVATE KEY|Proc-Type: 4,ENCRYPTED/.test(text)) return true;
  const container = opensshContainer(text);
  return container !== undefined && container.cipher !== 'none';
}

function parseAny(text: string): ParsedKey | undefined {
  const parsed = ssh2.utils.parseKey(text);
  if (!(parsed instanceof Error)) return firstOf(parsed);
  const converted = /BEGIN PRIVATE KEY/.test(text) ? fromPkcs8(text) : undefined;
  const again = converted === undefined ? parsed : ssh2.utils.parseKey(converted);
  return again instanceof Error ? undefined : firstOf(again);
}

/** ssh2 returns a list for the OpenSSH form, which its types do not tell. */
function firstOf(parsed: ParsedKey | readonly ParsedKey[]): ParsedKey | undefined {
  return 'length' in parsed ? parsed[0] : parsed;
}

/** ssh2 does not read PKCS#8, which `openssl genpkey` writes; RSA and EC keys have an older form that it reads. */
function fromPkcs8(text: string): string | undefined {
  try {
    const key = createPrivateKey(text);
    if (key.asymmetricKeyType === 'rsa') return key.export({ type: 'pkcs1', format: 'pem' }).toString();
    if (key.asymmetricKeyType === 'ec') return key.export({ type: 'sec1', format: 'pem' }).toString();
    return undefined;
  } catch {
    return undefined;
  }
}

async function readPublicKey(path: string, files: Files): Promise<Buffer | undefined> {
  const text = await files.read(path).catch(() => undefined);
  const parsed = text === undefined ? undefined : parseAny(text);
  return parsed?.getPublicSSH();
}

function publicPartOf(text: string): Buffer | undefined {
  return opensshContainer(text)?.publicBlob;
}

/** The clear part of an OpenSSH key file. @see PROTOCOL.key of OpenSSH */
function opensshContainer(text: string): { readonly cipher: string; readonly publicBlob: Buffer } | undefined {
  const base64 = /-----BEGIN OPENSSH PRIVATE KEY-----([\sA-Za-z0-9+/=]+)-----END/.exec(text)?.[1];
  if (base64 === undefined) return undefined;
  const bytes = Buffer.from(base64, 'base64');
  const magic = 'openssh-key-v1\0';
  if (bytes.toString('latin1', 0, magic.length) !== magic) return undefined;
  const fields: Buffer[] = [];
  let at = magic.length;
  for (const field of ['cipher', 'kdf', 'kdf options', 'public key']) {
    // The number of keys stands before the public key and is always 1.
    if (field === 'public key') at += 4;
    if (at + 4 > bytes.length) return undefined;
    const end = at + 4 + bytes.readUInt32BE(at);
    if (end > bytes.length) return undefined;
    fields.push(bytes.subarray(at + 4, end));
    at = end;
  }
  const [cipher, , , publicBlob] = fields;
  return cipher && publicBlob ? { cipher: cipher.toString('latin1'), publicBlob } : undefined;
}
