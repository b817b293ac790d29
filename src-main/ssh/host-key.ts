import { createHash } from 'node:crypto';

/** A public host key in the wire format of RFC 4253 §6.6. */
export interface HostKey {
  readonly type: string;
  readonly blob: Buffer;
}

/** `undefined` when the blob is not a key: the type is its first length-prefixed string. */
export function parseHostKey(blob: Buffer): HostKey | undefined {
  if (blob.length < 4) return undefined;
  const length = blob.readUInt32BE(0);
  if (length === 0 || length > 64 || blob.length < 4 + length) return undefined;
  return { type: blob.toString('latin1', 4, 4 + length), blob };
}

/** Written as OpenSSH writes it, so that a person can compare: `SHA256:` and base64 without padding. */
export function fingerprint(blob: Buffer): string {
  return `SHA256:${createHash('sha256').update(blob).digest('base64').replaceAll('=', '')}`;
}
