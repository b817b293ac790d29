import { describe, expect, it } from 'vitest';

import { fingerprintGroups, keyArtTitle, keyTypeName, showKeyCommand } from './host-key-text.ts';
import { randomart } from './randomart.ts';

describe('the picture of a key', () => {
  // Both were printed by `ssh-keygen -lv` for real keys.
  it.each([
    [
      'SHA256:NuIoaicVk5O0YUYBMQ+OWElhirEPbd4AtE+HRO5dtQM',
      [
        '+--[ED25519 256]--+',
        '|+BXB.  E .       |',
        '|=OO=.   o .      |',
        '|BoB==. . o       |',
        '| =+Xo .   .      |',
        '|  oo=.. S        |',
        '|   . o o .       |',
        '|  o . .          |',
        '| + o             |',
        '|o o              |',
        '+----[SHA256]-----+',
      ],
    ],
    [
      'SHA256:Rf9L2ilEyHu6FsuxxP5l+ksneO4+LEdo3AAnahcy4fM',
      [
        '+--[ED25519 256]--+',
        '|        ...      |',
        '|       .oo+o.    |',
        '|        o++=o    |',
        '|        o+.o..   |',
        '|       .SoE.o+o  |',
        '|          =++=oo |',
        '|         +.*+oX .|',
        '|          *..O+o |',
        '|         ...o**o |',
        '+----[SHA256]-----+',
      ],
    ],
  ])('is that of ssh-keygen for %s', (fingerprint, rows) => {
    expect(randomart(fingerprint, keyArtTitle('ssh-ed25519'))?.split('\n')).toEqual(rows);
  });

  it.each(['', 'MD5:aa:bb', 'SHA256:short', 'SHA256:' + '!'.repeat(43)])('is absent for %j', (fingerprint) => {
    expect(randomart(fingerprint, 'RSA')).toBeUndefined();
  });
});

it.each([
  ['ssh-ed25519', 'ED25519', 'ED25519 256', 'ed25519'],
  ['ecdsa-sha2-nistp384', 'ECDSA', 'ECDSA 384', 'ecdsa'],
  ['ssh-rsa', 'RSA', 'RSA', 'rsa'],
  ['rsa-sha2-512', 'RSA', 'RSA', 'rsa'],
])('%s is called %s', (keyType, name, title, file) => {
  expect(keyTypeName(keyType)).toBe(name);
  expect(keyArtTitle(keyType)).toBe(title);
  expect(showKeyCommand(keyType)).toBe(`ssh-keygen -lvf /etc/ssh/ssh_host_${file}_key.pub`);
});

it('reads a fingerprint out in groups of four', () => {
  expect(fingerprintGroups('SHA256:NuIoaicVk5')).toEqual(['SHA256:', 'NuIo', 'aicV', 'k5']);
});
