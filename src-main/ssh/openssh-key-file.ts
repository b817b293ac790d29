import { randomBytes, type KeyObject } from 'node:crypto';

const MAGIC = Buffer.from('openssh-key-v1\0', 'latin1');
const ED25519 = 'ssh-ed25519';
const LINE_CHARS = 70;
const BLOCK_BYTES = 8;

/** The clear part of an OpenSSH key file. */
export interface OpensshContainer {
  readonly cipher: string;
  readonly publicBlob: Buffer;
  /** `ssh-ed25519`, also of a key whose private half is encrypted. */
  readonly keyType: string;
}

/** `undefined` when the text is no OpenSSH key file. @see PROTOCOL.key of OpenSSH */
export function opensshContainer(text: string): OpensshContainer | undefined {
  const base64 = /-----BEGIN OPENSSH PRIVATE KEY-----([\sA-Za-z0-9+/=]+)-----END/.exec(text)?.[1];
  if (base64 === undefined) return undefined;
  const bytes = Buffer.from(base64, 'base64');
  if (!bytes.subarray(0, MAGIC.length).equals(MAGIC)) return undefined;
  const fields: Buffer[] = [];
  let at = MAGIC.length;
  for (const field of ['cipher', 'kdf', 'kdf options', 'public key']) {
    // The number of keys stands before the public key and is always 1.
    if (field === 'public key') at += 4;
    const value = stringAt(bytes, at);
    if (value === undefined) return undefined;
    fields.push(value);
    at += 4 + value.length;
  }
  const [cipher, , , publicBlob] = fields;
  const keyType = publicBlob && stringAt(publicBlob, 0)?.toString('latin1');
  return cipher && publicBlob && keyType ? { cipher: cipher.toString('latin1'), publicBlob, keyType } : undefined;
}

function stringAt(bytes: Buffer, at: number): Buffer | undefined {
  if (at + 4 > bytes.length) return undefined;
  const end = at + 4 + bytes.readUInt32BE(at);
  return end > bytes.length ? undefined : bytes.subarray(at + 4, end);
}

/** An unencrypted OpenSSH key file of an Ed25519 key: the one form of such keys that ssh2 reads. */
export function toOpensshKey(key: KeyObject): string | undefined {
  const { crv, d, x } = key.export({ format: 'jwk' });
  if (crv !== 'Ed25519' || d === undefined || x === undefined) return undefined;
  const publicKey = Buffer.from(x, 'base64url');
  const publicBlob = Buffer.concat([string(ED25519), string(publicKey)]);
  const check = randomBytes(4);
  const body = padded(
    Buffer.concat([
      check,
      check,
      publicBlob,
      string(Buffer.concat([Buffer.from(d, 'base64url'), publicKey])),
      string(''),
    ]),
  );
  const one = Buffer.from([0, 0, 0, 1]);
  const file = Buffer.concat([
    MAGIC,
    string('none'),
    string('none'),
    string(''),
    one,
    string(publicBlob),
    string(body),
  ]);
  const lines = file.toString('base64').match(new RegExp(`.{1,${LINE_CHARS}}`, 'g')) ?? [];
  return ['-----BEGIN OPENSSH PRIVATE KEY-----', ...lines, '-----END OPENSSH PRIVATE KEY-----', ''].join('\n');
}

/** Filled up with 1, 2, 3 … to whole blocks. */
function padded(body: Buffer): Buffer {
  const missing = (BLOCK_BYTES - (body.length % BLOCK_BYTES)) % BLOCK_BYTES;
  return Buffer.concat([body, Buffer.from(Array.from({ length: missing }, (_, index) => index + 1))]);
}

/** An SSH string: its length, and its bytes. */
function string(value: string | Buffer): Buffer {
  const bytes = Buffer.from(value);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}
