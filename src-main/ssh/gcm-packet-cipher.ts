import { createCipheriv, randomFillSync } from 'node:crypto';

import { AheadOnceBusy } from './gcm-ahead.ts';
import { BLOCK_BYTES, countUp, LENGTH_BYTES, type GcmKey } from './gcm-key.ts';

/** What ssh2 asks of the half of a connection that encrypts. */
export interface PacketCipher {
  /** Packets sent under this key and before it, modulo 2^32. */
  outSeqno: number;
  /** A packet with room for `payloadBytes` from its sixth byte on; it is to be filled and encrypted at once. */
  allocPacket(payloadBytes: number): Buffer;
  encrypt(packet: Buffer): void;
  free(): void;
}

const MIN_PADDING_BYTES = 4;
/** Packets above this are bulk data. ssh2 fills those at once, and may keep smaller ones for a signature to come. */
const BULK_BYTES = 16_384;
const POOL_BYTES = 4_096;

/**
 * AES-GCM as SSH uses it, in the place of ssh2's own. Measured on the pinned Node 24, ssh2 spends a third of an upload
 * on random padding, on buffers and on collecting them; here the padding comes from a pool and the clear text of all bulk
 * packets has one buffer.
 *
 * @see RFC 5647 §7; PROTOCOL of OpenSSH §1.6
 */
export class GcmPacketCipher implements PacketCipher {
  outSeqno: number;
  readonly #key: GcmKey;
  readonly #ahead: AheadOnceBusy;
  readonly #write: (bytes: Buffer) => void;
  readonly #random = Buffer.alloc(POOL_BYTES);
  #randomLeft = 0;
  #clear = Buffer.alloc(0);
  #isFreed = false;

  constructor(
    key: GcmKey,
    { outSeqno, write }: { readonly outSeqno: number; readonly write: (bytes: Buffer) => void },
    ahead = new AheadOnceBusy(key),
  ) {
    this.#key = key;
    this.#ahead = ahead;
    this.outSeqno = outSeqno;
    this.#write = write;
  }

  allocPacket(payloadBytes: number): Buffer {
    const body = 1 + payloadBytes;
    const short = BLOCK_BYTES - (body % BLOCK_BYTES);
    const padding = short < MIN_PADDING_BYTES ? short + BLOCK_BYTES : short;
    const packet = this.#room(LENGTH_BYTES + body + padding);
    packet.writeUInt32BE(body + padding, 0);
    packet[LENGTH_BYTES] = padding;
    this.#pad(packet, LENGTH_BYTES + body, padding);
    return packet;
  }

  encrypt(packet: Buffer): void {
    if (this.#isFreed) return;
    const ahead = this.#ahead.forPacketOf(packet.length - LENGTH_BYTES);
    if (ahead) this.#write(ahead.seal(packet));
    else this.#seal(packet);
    countUp(this.#key.iv);
    this.outSeqno = (this.outSeqno + 1) >>> 0;
  }

  free(): void {
    this.#isFreed = true;
  }

  #seal(packet: Buffer): void {
    const { algorithm, key, iv } = this.#key;
    const cipher = createCipheriv(algorithm, key, iv);
    // What is written waits to be sent, and the packet is used again.
    const length = Buffer.from(packet.subarray(0, LENGTH_BYTES));
    cipher.setAAD(length);
    const sealed = cipher.update(packet.subarray(LENGTH_BYTES));
    cipher.final();
    const tag = cipher.getAuthTag();
    if (sealed.length < BULK_BYTES) this.#write(Buffer.concat([length, sealed, tag]));
    else for (const part of [length, sealed, tag]) this.#write(part);
  }

  #room(bytes: number): Buffer {
    if (bytes < BULK_BYTES) return Buffer.allocUnsafe(bytes);
    if (this.#clear.length < bytes) this.#clear = Buffer.allocUnsafeSlow(bytes);
    return this.#clear.subarray(0, bytes);
  }

  #pad(packet: Buffer, at: number, bytes: number): void {
    if (this.#randomLeft < bytes) {
      randomFillSync(this.#random);
      this.#randomLeft = POOL_BYTES;
    }
    this.#random.copy(packet, at, this.#randomLeft - bytes, this.#randomLeft);
    this.#randomLeft -= bytes;
  }
}
