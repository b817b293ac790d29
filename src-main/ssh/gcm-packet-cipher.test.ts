import { createDecipheriv, createSecretKey, randomBytes } from 'node:crypto';

import { describe, expect, it } from 'vitest';

import { AheadOnceBusy } from './gcm-ahead.ts';
import { GcmPacketCipher } from './gcm-packet-cipher.ts';

const SECRET = randomBytes(16);

/** A cipher, and the other side, which decrypts with the means of Node alone. */
function pairWith(packetsBefore: number, iv: Buffer, outSeqno = 0) {
  const sent: Buffer[] = [];
  const key = { algorithm: 'aes-128-gcm', key: createSecretKey(SECRET), iv: Buffer.from(iv) } as const;
  const write = (bytes: Buffer) => sent.push(bytes);
  const cipher = new GcmPacketCipher(key, { outSeqno, write }, new AheadOnceBusy(key, packetsBefore));
  const send = (payload: Buffer) => {
    const packet = cipher.allocPacket(payload.length);
    payload.copy(packet, 5);
    cipher.encrypt(packet);
  };
  return { cipher, sent, send };
}

/** The payload of the first packet of `bytes` and what follows it. @throws when it was not made with this key and `iv` */
function open(
  bytes: Buffer,
  iv: Buffer,
): { readonly payload: Buffer; readonly padding: Buffer; readonly rest: Buffer } {
  const length = bytes.readUInt32BE(0);
  const decipher = createDecipheriv('aes-128-gcm', SECRET, iv).setAAD(bytes.subarray(0, 4));
  decipher.setAuthTag(bytes.subarray(4 + length, 20 + length));
  const clear = Buffer.concat([decipher.update(bytes.subarray(4, 4 + length)), decipher.final()]);
  const padding = clear[0] ?? 0;
  const end = clear.length - padding;
  return { payload: clear.subarray(1, end), padding: clear.subarray(end), rest: bytes.subarray(20 + length) };
}

describe.each([
  ['with key streams made ahead', 0],
  ['with those after two packets', 2],
  ['by Node alone', Infinity],
])('a cipher %s', (_how, packetsBefore) => {
  const pair = (iv: Buffer, outSeqno?: number) => pairWith(packetsBefore, iv, outSeqno);

  it.each([0, 1, 10, 11, 12, 15, 16, 17, 4_000, 16_350, 16_384, 32_768, 35_000])('seals %i bytes', (size) => {
    const iv = randomBytes(12);
    const { sent, send } = pair(iv);
    const payload = randomBytes(size);
    send(payload);
    const bytes = Buffer.concat(sent);
    const opened = open(bytes, iv);
    expect(opened.payload.equals(payload)).toBe(true);
    expect(opened.rest).toHaveLength(0);
    expect(opened.padding.length).toBeGreaterThanOrEqual(4);
    expect((bytes.length - 20) % 16).toBe(0);
  });

  it('counts packets in the nonce, and carries over', () => {
    const nonces = ['010203040000000000fffffe', '010203040000000000ffffff', '010203040000000001000000'];
    const { cipher, sent, send } = pair(Buffer.from(nonces[0]!, 'hex'), 0xffff_fffe);
    const payloads = [randomBytes(10), randomBytes(20_000), randomBytes(30)];
    for (const payload of payloads) send(payload);
    let bytes = Buffer.concat(sent);
    for (const [index, nonce] of nonces.entries()) {
      const { payload, rest } = open(bytes, Buffer.from(nonce, 'hex'));
      expect(payload.equals(payloads[index]!)).toBe(true);
      bytes = Buffer.from(rest);
    }
    expect(cipher.outSeqno).toBe(1);
  });

  it('leaves what waits to be sent alone when the room of bulk packets is used again', () => {
    const iv = randomBytes(12);
    const { sent, send } = pair(iv);
    const first = randomBytes(32_768);
    send(first);
    const waiting = sent.map((bytes) => Buffer.from(bytes));
    send(randomBytes(32_768));
    expect(Buffer.concat(sent.slice(0, waiting.length)).equals(Buffer.concat(waiting))).toBe(true);
    expect(open(Buffer.concat(waiting), iv).payload.equals(first)).toBe(true);
  });

  it('keeps small packets apart: one may wait for the signature of an agent while others are sent', () => {
    const { cipher } = pair(randomBytes(12));
    const [one, other] = [cipher.allocPacket(200), cipher.allocPacket(200)];
    other.fill(0);
    one.fill(1);
    expect(other.every((byte) => byte === 0)).toBe(true);
  });

  it('pads with bytes that do not repeat', () => {
    const iv = randomBytes(12);
    const { sent, send } = pair(iv);
    send(Buffer.alloc(0));
    send(Buffer.alloc(0));
    const first = open(Buffer.concat(sent), iv);
    const next = Buffer.from(iv);
    next.writeBigUInt64BE(next.readBigUInt64BE(4) + 1n, 4);
    const second = open(first.rest, next);
    expect(first.padding).toHaveLength(15);
    expect(second.padding.equals(first.padding)).toBe(false);
  });

  it('sends nothing under a key that was given up', () => {
    const { cipher, sent, send } = pair(randomBytes(12));
    cipher.free();
    send(randomBytes(10));
    expect(sent).toEqual([]);
  });
});
