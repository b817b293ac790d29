import { createDecipheriv, type DecipherGCM } from 'node:crypto';

import { AheadOnceBusy } from './gcm-ahead.ts';
import { BLOCK_BYTES, countUp, LENGTH_BYTES, TAG_BYTES, type GcmKey } from './gcm-key.ts';

/** What ssh2 does with a packet. Anything but `undefined` stops the reading; a number, or `false` for here, says where. */
export type OnPayload = (payload: Buffer) => number | boolean | undefined;

/** What ssh2 asks of the half of a connection that decrypts. */
export interface PacketDecipher {
  /** Packets received under this key and before it, modulo 2^32. */
  inSeqno: number;
  /** ssh2 puts another in its place while keys are exchanged. */
  _onPayload: OnPayload;
  /** Reads `data` from `start` to `end`. Returns where it stopped; `undefined` when all was read. */
  decrypt(data: Buffer, start: number, end: number): number | boolean | undefined;
  free(): void;
}

const MAX_PACKET_BYTES = 35_000;
const MIN_PADDING_BYTES = 4;

/**
 * AES-GCM as SSH uses it, in the place of ssh2's own: a small packet that has come whole is checked and decrypted by
 * `GcmAhead`, and any other by Node as it comes in.
 *
 * @see RFC 5647 §7; RFC 4253 §6; PROTOCOL of OpenSSH §1.6
 */
export class GcmPacketDecipher implements PacketDecipher {
  inSeqno: number;
  _onPayload: OnPayload;
  readonly #key: GcmKey;
  readonly #ahead: AheadOnceBusy;
  readonly #head = Buffer.alloc(LENGTH_BYTES);
  readonly #tag = Buffer.alloc(TAG_BYTES);
  #isOver = false;
  /** How far the data at hand was read. */
  #at = 0;
  /** Of the packet that comes in parts: what was read of it, how long its body is, and what of that is decrypted. */
  #readBytes = 0;
  #length = 0;
  #clear: Buffer | undefined;
  #decipher: DecipherGCM | undefined;

  constructor(
    key: GcmKey,
    { inSeqno, onPayload }: { readonly inSeqno: number; readonly onPayload: OnPayload },
    ahead = new AheadOnceBusy(key),
  ) {
    this.#key = key;
    this.#ahead = ahead;
    this.inSeqno = inSeqno;
    this._onPayload = onPayload;
  }

  /** @throws Error when a packet is not as it must be; nothing is read after that */
  decrypt(data: Buffer, start: number, end: number): number | boolean | undefined {
    if (this.#isOver) throw new Error('Nothing is read under this key any more');
    this.#at = start;
    while (this.#at < end) {
      const payload = this.#next(data, end);
      if (payload === undefined) return undefined;
      const at = this.#at;
      const told = this._onPayload(payload);
      if (told !== undefined) return told === false ? at : told;
    }
    return undefined;
  }

  free(): void {
    this.#isOver = true;
  }

  #next(data: Buffer, end: number): Buffer | undefined {
    try {
      const clear = this.#openWhole(data, end) ?? this.#openInParts(data, end);
      if (clear === undefined) return undefined;
      countUp(this.#key.iv);
      this.inSeqno = (this.inSeqno + 1) >>> 0;
      return payloadOf(clear);
    } catch (error) {
      this.#isOver = true;
      throw error;
    }
  }

  #openWhole(data: Buffer, end: number): Buffer | undefined {
    const start = this.#at;
    if (this.#readBytes > 0 || end - start < LENGTH_BYTES) return undefined;
    const length = checkedLength(data.readUInt32BE(start));
    const bodyEnd = start + LENGTH_BYTES + length;
    if (bodyEnd + TAG_BYTES > end) return undefined;
    const ahead = this.#ahead.forPacketOf(length);
    if (ahead) this.#at = bodyEnd + TAG_BYTES;
    return ahead?.open(data, start, bodyEnd);
  }

  #openInParts(data: Buffer, end: number): Buffer | undefined {
    while (this.#at < end) {
      if (this.#readBytes < LENGTH_BYTES) this.#readLength(data, end);
      else if (this.#readBytes < LENGTH_BYTES + this.#length) this.#readBody(data, end);
      else if (this.#readTag(data, end)) return this.#finish();
    }
    return undefined;
  }

  #readLength(data: Buffer, end: number): void {
    const bytes = Math.min(LENGTH_BYTES - this.#readBytes, end - this.#at);
    data.copy(this.#head, this.#readBytes, this.#at, this.#at + bytes);
    this.#advance(bytes);
    if (this.#readBytes < LENGTH_BYTES) return;
    const { algorithm, key, iv } = this.#key;
    this.#length = checkedLength(this.#head.readUInt32BE(0));
    this.#decipher = createDecipheriv(algorithm, key, iv).setAAD(this.#head);
  }

  #readBody(data: Buffer, end: number): void {
    const from = this.#readBytes - LENGTH_BYTES;
    const bytes = Math.min(this.#length - from, end - this.#at);
    const clear = this.#decipher?.update(data.subarray(this.#at, this.#at + bytes)) ?? Buffer.alloc(0);
    if (bytes === this.#length) this.#clear = clear;
    else {
      this.#clear ??= Buffer.allocUnsafe(this.#length);
      this.#clear.set(clear, from);
    }
    this.#advance(bytes);
  }

  /** Whether all of it is there. */
  #readTag(data: Buffer, end: number): boolean {
    const from = this.#readBytes - LENGTH_BYTES - this.#length;
    const bytes = Math.min(TAG_BYTES - from, end - this.#at);
    data.copy(this.#tag, from, this.#at, this.#at + bytes);
    this.#advance(bytes);
    return from + bytes === TAG_BYTES;
  }

  #finish(): Buffer | undefined {
    this.#decipher?.setAuthTag(this.#tag).final();
    const clear = this.#clear;
    this.#decipher = undefined;
    this.#clear = undefined;
    this.#length = 0;
    this.#readBytes = 0;
    return clear;
  }

  #advance(bytes: number): void {
    this.#at += bytes;
    this.#readBytes += bytes;
  }
}

function checkedLength(bytes: number): number {
  const isLong = bytes + LENGTH_BYTES + TAG_BYTES > MAX_PACKET_BYTES;
  if (isLong || bytes < BLOCK_BYTES || bytes % BLOCK_BYTES !== 0) throw new Error('Bad packet length');
  return bytes;
}

function payloadOf(clear: Buffer): Buffer {
  const padding = clear[0] ?? 0;
  if (padding < MIN_PADDING_BYTES || padding >= clear.length) throw new Error('Bad packet padding');
  return clear.subarray(1, clear.length - padding);
}
