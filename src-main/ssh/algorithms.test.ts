import { PassThrough } from 'node:stream';

import ssh2 from 'ssh2';
import { expect, it } from 'vitest';

import { preferKnownTypes, supportedAlgorithms } from './algorithms.ts';

it('offers AES-GCM first and nothing that rests on SHA-1', () => {
  const { kex, cipher, hmac, serverHostKey } = supportedAlgorithms();
  expect(cipher[0]).toBe('aes128-gcm@openssh.com');
  expect([...kex, ...hmac, ...serverHostKey].filter((name) => /sha1|^ssh-rsa$/.test(name))).toEqual([]);
});

it('names only what ssh2 can do here: it throws for anything else', () => {
  const { kex, cipher, hmac, serverHostKey } = supportedAlgorithms();
  const client = new ssh2.Client().on('error', () => {});
  const algorithms = { kex: [...kex], cipher: [...cipher], hmac: [...hmac], serverHostKey: [...serverHostKey] };
  const connect = () => client.connect({ sock: new PassThrough(), username: 'ann', readyTimeout: 0, algorithms });
  expect(connect).not.toThrow();
  client.destroy();
});

it.each([
  [[], ['ssh-ed25519', 'rsa-sha2-512', 'rsa-sha2-256']],
  [['ssh-rsa'], ['rsa-sha2-512', 'rsa-sha2-256', 'ssh-ed25519']],
  [
    ['ssh-dss', 'unheard-of'],
    ['ssh-ed25519', 'rsa-sha2-512', 'rsa-sha2-256'],
  ],
])('asks first for what is known: %j', (knownTypes, order) => {
  expect(preferKnownTypes(['ssh-ed25519', 'rsa-sha2-512', 'rsa-sha2-256'], knownTypes)).toEqual(order);
});
