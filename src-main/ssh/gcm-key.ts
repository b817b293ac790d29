import type { CipherGCMTypes, KeyObject } from 'node:crypto';

export interface GcmKey {
  readonly algorithm: CipherGCMTypes;
  readonly key: KeyObject;
  /** 12 bytes; the last 8 count the packets. Owned by the cipher from now on. */
  readonly iv: Buffer;
}

/** A packet: its length, which everybody may read, as many bytes that are encrypted, and a tag over both. */
export const LENGTH_BYTES = 4;
export const BLOCK_BYTES = 16;
export const TAG_BYTES = 16;

/** The next packet's invocation counter. */
export function countUp(iv: Buffer): void {
  let at = iv.length - 1;
  while (at >= LENGTH_BYTES && iv[at] === 255) {
    iv[at] = 0;
    at -= 1;
  }
  if (at >= LENGTH_BYTES) iv[at] = (iv[at] ?? 0) + 1;
}
