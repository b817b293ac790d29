import { createCipheriv, createSecretKey, randomBytes } from 'node:crypto';

import { describe, expect, it } from 'vitest';

import { AheadOnceBusy } from './gcm-ahead.ts';
import { countUp } from './gcm-key.ts';
import { GcmPacketDecipher, type OnPayload } from './gcm-packet-decipher.ts';

const SECRET = randomBytes(16);
const IV = randomBytes(12);

/** A decipher, and the other side, which encrypts with the means of Node alone. */
function pairWith(packetsBefore: number, iv = randomBytes(12), inSeqno = 0) {
  const received: Buffer[] = [];
  const ours = { algorithm: 'aes-128-gcm', key: createSecretKey(SECRET), iv: Buffer.from(iv) } as const;
  const onPayload: OnPayload = (payload) => void received.push(Buffer.from(payload));
  const ahead = new AheadOnceBusy(ours, packetsBefore);
  const decipher = new GcmPacketDecipher(ours, { inSeqno, onPayload }, ahead);
  const theirs = Buffer.from(iv);
  const seal = (payload: Buffer, padding = paddingOf(payload)): Buffer => {
    const body = Buffer.concat([Buffer.of(padding), payload, Buffer.alloc(paddingOf(payload))]);
    const length = Buffer.alloc(4);
    length.writeUInt32BE(body.length);
    const cipher = createCipheriv('aes-128-gcm', SECRET, theirs).setAAD(length);
    const sealed = Buffer.concat([length, cipher.update(body), cipher.final(), cipher.getAuthTag()]);
    countUp(theirs);
    return sealed;
  };
  const read = (bytes: Buffer) => decipher.decrypt(bytes, 0, bytes.length);
  return { decipher, received, seal, read };
}

/** Seals a row of payloads from `IV` on. */
function sealFromIv(): (payload: Buffer) => Buffer {
  const { seal } = pairWith(0, IV);
  return (payload) => seal(payload);
}

function paddingOf(payload: Buffer): number {
  const short = 16 - ((1 + payload.length) % 16);
  return short < 4 ? short + 16 : short;
}

describe.each([
  ['with key streams made ahead', 0],
  ['with those after two packets', 2],
  ['by Node alone', Infinity],
])('a decipher %s', (_how, packetsBefore) => {
  const pair = (...rest: [iv?: Buffer<ArrayBuffer>, inSeqno?: number]) => pairWith(packetsBefore, ...rest);

  it.each([0, 1, 11, 12, 60, 235, 236, 240, 251, 252, 300, 4_000, 32_768, 34_900])('opens %i bytes', (size) => {
    const { seal, read, received, decipher } = pair();
    const payload = randomBytes(size);
    expect(read(seal(payload))).toBeUndefined();
    expect(received).toEqual([payload]);
    expect(decipher.inSeqno).toBe(1);
  });

  it('opens packets that come in any two parts, and several at once', () => {
    const payloads = [randomBytes(20), randomBytes(300), randomBytes(0), randomBytes(200)];
    const whole = Buffer.concat(payloads.map(sealFromIv()));
    for (let cut = 0; cut <= whole.length; cut += 1) {
      const { read, received } = pair(IV);
      read(whole.subarray(0, cut));
      read(whole.subarray(cut));
      expect(received).toEqual(payloads);
    }
  });

  it('opens packets that come byte by byte, from the middle of what was read', () => {
    const payloads = [randomBytes(20), randomBytes(300), randomBytes(200)];
    const whole = Buffer.concat(payloads.map(sealFromIv()));
    const { decipher, received } = pair(IV);
    const around = Buffer.concat([randomBytes(9), whole, randomBytes(9)]);
    for (let at = 0; at < whole.length; at += 1) decipher.decrypt(around, 9 + at, 10 + at);
    expect(received).toEqual(payloads);
  });

  it('counts packets in the nonce and beside it, over any mixture', () => {
    const { seal, read, received, decipher } = pair(Buffer.from('01020304ffffffffffffffe0', 'hex'), 0xffff_ffff);
    const payloads = Array.from({ length: 70 }, (_, index) => randomBytes(index % 3 === 0 ? 2_000 : index));
    for (const payload of payloads) read(seal(payload));
    expect(received).toEqual(payloads);
    expect(decipher.inSeqno).toBe(69);
  });

  it.each([
    ['a small packet', 40, 1],
    ['a small packet in parts', 40, 2],
    ['a large packet', 2_000, 1],
  ])('throws at a bit that was changed in %s, and reads nothing after that', (_what, size, parts) => {
    const iv = randomBytes(12);
    const { seal } = pair(iv);
    const sealed = seal(randomBytes(size));
    const next = seal(randomBytes(10));
    for (let bit = 32; bit < sealed.length * 8; bit += size > 256 ? 97 : 1) {
      const { read, received } = pair(iv);
      const forged = Buffer.from(sealed);
      forged[bit >> 3]! ^= 1 << (bit & 7);
      expect(() => {
        for (let part = 0; part < parts; part += 1) {
          read(forged.subarray((forged.length * part) / parts, (forged.length * (part + 1)) / parts));
        }
      }).toThrow(/authentic/);
      expect(() => read(sealed)).toThrow('Nothing is read under this key any more');
      expect(() => read(next)).toThrow('Nothing is read under this key any more');
      expect(received).toEqual([]);
    }
  });

  it.each([
    ['shorter than a block', 0],
    ['not of whole blocks', 24],
    ['longer than a packet may be', 35_008],
    ['endless', 0xffff_fff0],
  ])('refuses a length that is %s, before anything else has come', (_what, length) => {
    const head = Buffer.alloc(4);
    head.writeUInt32BE(length);
    for (const parts of [[head], [head.subarray(0, 3), head.subarray(3)]]) {
      const { read } = pair();
      expect(() => parts.forEach(read)).toThrow('Bad packet length');
    }
  });

  it.each([0, 3, 32, 255])('refuses a padding of %i in 32 bytes', (padding) => {
    const { seal, read, received } = pair();
    expect(() => read(seal(randomBytes(20), padding))).toThrow('Bad packet padding');
    expect(received).toEqual([]);
  });

  it('stops where it is told to, as when the next packet has other keys', () => {
    const { decipher, seal } = pair();
    const [first, second] = [seal(randomBytes(20)), seal(randomBytes(20))];
    const both = Buffer.concat([randomBytes(5), first, second]);
    decipher._onPayload = () => {
      decipher.free();
      return false;
    };
    expect(decipher.decrypt(both, 5, both.length)).toBe(5 + first.length);
    decipher._onPayload = () => 7;
    expect(() => decipher.decrypt(second, 0, second.length)).toThrow('Nothing is read under this key any more');
  });

  it('leaves what it is given to be used again', () => {
    const { seal, read, received, decipher } = pair();
    const kept: Buffer[] = [];
    decipher._onPayload = (payload) => void kept.push(payload);
    const payloads = [randomBytes(50), randomBytes(3_000)];
    for (const payload of payloads) {
      const sealed = seal(payload);
      read(sealed);
      sealed.fill(0);
    }
    expect(kept).toEqual(payloads);
    expect(received).toEqual([]);
  });
});
