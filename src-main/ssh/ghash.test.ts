import { randomBytes } from 'node:crypto';

import { expect, it } from 'vitest';

import { Ghash } from './ghash.ts';

const NOTHING = Buffer.alloc(16);

function hashOf(key: Buffer, blocks: Buffer): string {
  const ghash = new Ghash(key);
  ghash.update(blocks, 0, blocks.length);
  return digestOf(ghash);
}

function digestOf(ghash: Ghash): string {
  const digest = Buffer.alloc(16);
  ghash.digestInto(digest, NOTHING, 0);
  return digest.toString('hex');
}

/** The product bit by bit, as in SP 800-38D §6.3. */
function productOf(x: Buffer, y: Buffer): Buffer {
  let factor = BigInt(`0x${y.toString('hex')}`);
  let product = 0n;
  for (const bit of BigInt(`0x${x.toString('hex')}`)
    .toString(2)
    .padStart(128, '0')) {
    if (bit === '1') product ^= factor;
    factor = factor & 1n ? (factor >> 1n) ^ (0xe1n << 120n) : factor >> 1n;
  }
  return Buffer.from(product.toString(16).padStart(32, '0'), 'hex');
}

const bit = (at: number): Buffer => Buffer.from((1n << BigInt(at)).toString(16).padStart(32, '0'), 'hex');

// Test cases 2 and 4 of McGrew and Viega, "The Galois/Counter Mode of Operation", appendix B.
it.each([
  [
    '66e94bd4ef8a2c3b884cfa59ca342b2e',
    '0388dace60b6a392f328c2b971b2fe7800000000000000000000000000000080',
    'f38cbb1ad69223dcc3457ae5b6b0f885',
  ],
  [
    'b83b533708bf535d0aa6e52980d53b78',
    'feedfacedeadbeeffeedfacedeadbeefabaddad2000000000000000000000000' +
      '42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e' +
      '21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e09100000000' +
      '00000000000000a000000000000001e0',
    '698e57f70e6ecc7fd9463b7260a9ae5f',
  ],
])('hashes as published, with key %s', (key, blocks, hash) => {
  expect(hashOf(Buffer.from(key, 'hex'), Buffer.from(blocks, 'hex'))).toBe(hash);
});

it('multiplies every bit with every bit', () => {
  const wrong: string[] = [];
  for (let key = 0; key < 128; key += 1) {
    const ghash = new Ghash(bit(key));
    for (let data = 0; data < 128; data += 1) {
      ghash.reset();
      ghash.update(bit(data), 0, 16);
      if (digestOf(ghash) !== productOf(bit(data), bit(key)).toString('hex')) wrong.push(`${key} ${data}`);
    }
  }
  expect(wrong).toEqual([]);
});

it('multiplies numbers that are full of ones, and any others', () => {
  const full = Buffer.alloc(16, 255);
  const numbers = [
    full,
    Buffer.alloc(16, 0x88),
    Buffer.alloc(16, 0x11),
    ...Array.from({ length: 60 }, () => randomBytes(16)),
  ];
  for (const key of numbers) {
    for (const data of numbers) expect(hashOf(key, data)).toBe(productOf(data, key).toString('hex'));
  }
});

it('adds up blocks, whole or as words, from the beginning again after a reset', () => {
  const [key, first] = [randomBytes(16), randomBytes(16)];
  const second = Buffer.from('0102030405060708000000000a0b0c0d', 'hex');
  const ghash = new Ghash(key);
  for (let round = 0; round < 2; round += 1) {
    ghash.reset();
    ghash.update(Buffer.concat([randomBytes(3), first]), 3, 19);
    ghash.updateWords(0x01020304, 0x05060708, 0x0a0b0c0d);
    expect(digestOf(ghash)).toBe(hashOf(key, Buffer.concat([first, second])));
  }
});

it('combines its digest with a mask', () => {
  const ghash = new Ghash(Buffer.alloc(16));
  const mask = randomBytes(40);
  const digest = Buffer.alloc(16);
  ghash.digestInto(digest, mask, 7);
  expect(digest.equals(mask.subarray(7, 23))).toBe(true);
});
