import { createCipheriv, getCiphers, getFips, timingSafeEqual, type Cipheriv } from 'node:crypto';

import { BLOCK_BYTES, LENGTH_BYTES, TAG_BYTES, type GcmKey } from './gcm-key.ts';
import { Ghash } from './ghash.ts';

/** From about here on a cipher object of Node is the quicker way. */
export const AHEAD_MAX_BYTES = 256;
/** Packets whose key stream is made at once. */
const PACKETS = 16;
/** Of each packet: what its tag is combined with, then what its body is. */
const STREAM_BYTES = BLOCK_BYTES + AHEAD_MAX_BYTES;
/** What a sign-in and the first questions take. The runtime compiles what is used more than that, and is slow before. */
const FIRST_PACKETS = 64;
const INVOCATION_AT = 4;
const COUNTER_AT = 12;
const BITS = 8;

/**
 * AES-GCM for small packets, without an object of Node for each: the key stream of the next packets comes from one AES
 * object, ahead of what it is for, and the tag from `Ghash`. Such objects and what collecting them takes were a quarter of
 * the processor time of an echo, and a good part of its 99th percentile (docs/decisions/0053).
 *
 * Belongs to one direction of a connection, and goes by the counter in the nonce that its owner counts up.
 *
 * @see RFC 5647 §7; NIST SP 800-38D §7
 */
export class GcmAhead {
  readonly #iv: Buffer;
  readonly #aes: Cipheriv;
  readonly #ghash: Ghash;
  readonly #counters = Buffer.alloc(PACKETS * STREAM_BYTES);
  readonly #tag = Buffer.alloc(TAG_BYTES);
  #stream: Buffer = Buffer.alloc(0);
  /** The invocation of the first packet that there is a key stream for, in two words, and for how many from there on. */
  #high = 0;
  #low = 0;
  #packets = 0;

  private constructor({ key, iv }: GcmKey, algorithm: string) {
    this.#iv = iv;
    this.#aes = createCipheriv(algorithm, key, null).setAutoPadding(false);
    this.#ghash = new Ghash(this.#aes.update(Buffer.alloc(BLOCK_BYTES)));
    for (let at = 0; at < this.#counters.length; at += BLOCK_BYTES) {
      iv.copy(this.#counters, at, 0, INVOCATION_AT);
      this.#counters.writeUInt32BE((at % STREAM_BYTES) / BLOCK_BYTES + 1, at + COUNTER_AT);
    }
  }

  /** `undefined` where this runtime has no bare AES, or may use approved modules alone. */
  static of(key: GcmKey): GcmAhead | undefined {
    const algorithm = key.algorithm.replace('-gcm', '-ecb');
    if (getFips() !== 0 || !getCiphers().includes(algorithm)) return undefined;
    return new GcmAhead(key, algorithm);
  }

  /** Encrypts a packet, as from its length on, of whole blocks and at most `AHEAD_MAX_BYTES`. Returns it with its tag. */
  seal(packet: Buffer): Buffer {
    const end = packet.length;
    const sealed = Buffer.allocUnsafe(end + TAG_BYTES);
    sealed.set(packet);
    this.#combine(sealed, LENGTH_BYTES, end);
    this.#authenticate(sealed, 0, end);
    sealed.set(this.#tag, end);
    return sealed;
  }

  /**
   * Decrypts the packet from `start` to `end`, after which its tag follows. Returns what was encrypted.
   * @throws Error when the tag is not that of this packet
   */
  open(bytes: Buffer, start: number, end: number): Buffer {
    this.#authenticate(bytes, start, end);
    if (!timingSafeEqual(this.#tag, bytes.subarray(end, end + TAG_BYTES))) throw new Error('Packet not authentic');
    const clear = Buffer.allocUnsafe(end - start - LENGTH_BYTES);
    bytes.copy(clear, 0, start + LENGTH_BYTES, end);
    this.#combine(clear, 0, clear.length);
    return clear;
  }

  #combine(bytes: Buffer, start: number, end: number): void {
    const from = this.#streamAt() + BLOCK_BYTES - start;
    const stream = this.#stream;
    for (let at = start; at < end; at += 1) bytes[at]! ^= stream[from + at]!;
  }

  #authenticate(sealed: Buffer, start: number, end: number): void {
    const bodyBytes = end - start - LENGTH_BYTES;
    const ghash = this.#ghash;
    ghash.reset();
    ghash.updateWords(bodyBytes, 0, 0);
    ghash.update(sealed, start + LENGTH_BYTES, end);
    ghash.updateWords(0, LENGTH_BYTES * BITS, bodyBytes * BITS);
    const at = this.#streamAt();
    ghash.digestInto(this.#tag, this.#stream, at);
  }

  /** Where the key stream of the packet that the nonce is at begins. */
  #streamAt(): number {
    const high = this.#iv.readUInt32BE(INVOCATION_AT);
    const low = this.#iv.readUInt32BE(INVOCATION_AT + 4);
    const ahead = low - this.#low;
    if (high === this.#high && ahead >= 0 && ahead < this.#packets) return ahead * STREAM_BYTES;
    this.#high = high;
    this.#low = low;
    this.#packets = Math.min(PACKETS, 2 ** 32 - low);
    for (let at = 0; at < this.#packets * STREAM_BYTES; at += BLOCK_BYTES) {
      this.#counters.writeUInt32BE(high, at + INVOCATION_AT);
      this.#counters.writeUInt32BE(low + Math.floor(at / STREAM_BYTES), at + INVOCATION_AT + 4);
    }
    this.#stream = this.#aes.update(this.#counters.subarray(0, this.#packets * STREAM_BYTES));
    return 0;
  }
}

/** `GcmAhead` for the small packets of a connection that turns out to talk. */
export class AheadOnceBusy {
  readonly #key: GcmKey;
  #packetsBefore: number;
  #ahead: GcmAhead | undefined;

  /** @param packetsBefore small packets that are done without it */
  constructor(key: GcmKey, packetsBefore = FIRST_PACKETS) {
    this.#key = key;
    this.#packetsBefore = packetsBefore;
  }

  /** To be asked once for each packet, with the length of its body. */
  forPacketOf(bytes: number): GcmAhead | undefined {
    if (bytes > AHEAD_MAX_BYTES) return undefined;
    this.#packetsBefore -= 1;
    if (this.#packetsBefore === -1) this.#ahead = GcmAhead.of(this.#key);
    return this.#ahead;
  }
}
