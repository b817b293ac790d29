import { createCipheriv, createSecretKey, randomBytes, randomInt } from 'node:crypto';

import { expect, it } from 'vitest';

import { AHEAD_MAX_BYTES, AheadOnceBusy, GcmAhead } from './gcm-ahead.ts';
import { countUp, type GcmKey } from './gcm-key.ts';

type Algorithm = GcmKey['algorithm'];

/** Both directions of one key, and what Node makes of a packet at the same place. */
function party(algorithm: Algorithm, nonce = randomBytes(12)) {
  const secret = randomBytes(algorithm === 'aes-128-gcm' ? 16 : 32);
  const key = createSecretKey(secret);
  const ivs = [Buffer.from(nonce), Buffer.from(nonce)] as const;
  const [sealing, opening] = ivs.map((iv) => GcmAhead.of({ algorithm, key, iv }));
  const byNode = (packet: Buffer): Buffer => {
    const cipher = createCipheriv(algorithm, secret, ivs[0]).setAAD(packet.subarray(0, 4));
    const body = cipher.update(packet.subarray(4));
    cipher.final();
    return Buffer.concat([packet.subarray(0, 4), body, cipher.getAuthTag()]);
  };
  const next = (): void => ivs.forEach(countUp);
  return { sealing: sealing!, opening: opening!, byNode, next };
}

function packetOf(bytes: number): Buffer {
  const packet = randomBytes(4 + bytes);
  packet.writeUInt32BE(bytes);
  return packet;
}

it.each<[Algorithm, string]>([
  ['aes-128-gcm', 'any'],
  ['aes-256-gcm', 'any'],
  ['aes-128-gcm', '01020304fffffffffffffff5'],
  ['aes-256-gcm', '01020304fffffffffffffff0'],
  ['aes-128-gcm', '0102030400000001fffffffe'],
  ['aes-128-gcm', 'ffffffffffffffff00000000'],
])('is what Node makes with %s and the nonce %s, and what it reads', (algorithm, nonce) => {
  const { sealing, opening, byNode, next } = party(algorithm, nonce === 'any' ? undefined : Buffer.from(nonce, 'hex'));
  for (let packets = 0; packets < 1_000; packets += 1) {
    const packet = packetOf(16 * randomInt(1, AHEAD_MAX_BYTES / 16 + 1));
    const sealed = byNode(packet);
    expect(sealing.seal(packet).equals(sealed)).toBe(true);
    const before = randomBytes(randomInt(20));
    const stream = Buffer.concat([before, sealed, randomBytes(randomInt(20))]);
    const opened = opening.open(stream, before.length, before.length + packet.length);
    expect(opened.equals(packet.subarray(4))).toBe(true);
    // As many in between may be of another size, and not come here.
    for (let passed = randomInt(packets % 50 === 0 ? 40 : 3); passed >= 0; passed -= 1) next();
  }
});

it('leaves the packet, and what came, as they are', () => {
  const { sealing, opening } = party('aes-128-gcm');
  const packet = packetOf(80);
  const asItWas = Buffer.from(packet);
  const sealed = sealing.seal(packet);
  expect(packet.equals(asItWas)).toBe(true);
  const sent = Buffer.from(sealed);
  opening.open(sealed, 0, packet.length);
  expect(sealed.equals(sent)).toBe(true);
});

it('opens nothing of which a single bit was changed', () => {
  const { sealing, opening } = party('aes-256-gcm');
  const packet = packetOf(48);
  const sealed = sealing.seal(packet);
  // The length is what the reader goes by, so it cannot differ from the length that is read.
  for (let bit = 32; bit < sealed.length * 8; bit += 1) {
    const forged = Buffer.from(sealed);
    forged[bit >> 3]! ^= 1 << (bit & 7);
    expect(() => opening.open(forged, 0, packet.length)).toThrow('Packet not authentic');
  }
  expect(() => opening.open(sealed, 0, packet.length - 16)).toThrow('Packet not authentic');
  expect(opening.open(sealed, 0, packet.length).equals(packet.subarray(4))).toBe(true);
});

it('opens nothing of another place in the row', () => {
  const { sealing, opening, next } = party('aes-128-gcm');
  const packet = packetOf(32);
  const sealed = sealing.seal(packet);
  next();
  expect(() => opening.open(sealed, 0, packet.length)).toThrow('Packet not authentic');
});

it('is there for small packets alone, and after a sign-in', () => {
  const key = { algorithm: 'aes-128-gcm', key: createSecretKey(randomBytes(16)), iv: randomBytes(12) } as const;
  const ahead = new AheadOnceBusy(key);
  for (let packets = 0; packets < 64; packets += 1) expect(ahead.forPacketOf(48)).toBeUndefined();
  expect(ahead.forPacketOf(AHEAD_MAX_BYTES)).toBeInstanceOf(GcmAhead);
  expect(ahead.forPacketOf(AHEAD_MAX_BYTES + 16)).toBeUndefined();
  expect(ahead.forPacketOf(16)).toBe(ahead.forPacketOf(32));
});
