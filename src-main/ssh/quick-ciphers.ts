import { createSecretKey, type CipherGCMTypes } from 'node:crypto';

import type { Client } from 'ssh2';

import { GcmPacketCipher, type PacketCipher } from './gcm-packet-cipher.ts';

/** The private parts of ssh2 1.17 that encrypt and decrypt a connection. */
interface Protocol {
  _cipher?: Partial<PacketCipher> & {
    _encSSLName?: unknown;
    _encKey?: unknown;
    _encIV?: unknown;
    _onWrite?: unknown;
  };
  readonly _decipher?: { _decipherKey?: unknown; readonly _decipherSSLName?: unknown };
}

const GCM: ReadonlySet<unknown> = new Set<CipherGCMTypes>(['aes-128-gcm', 'aes-256-gcm']);

/**
 * Makes a connection as fast as this runtime allows, to be called after every key exchange. Keys become `KeyObject`s:
 * ssh2 makes a cipher per packet, and Node 24 needs 11 µs for that with a key in a buffer, 1.3 µs with a `KeyObject`
 * (measured). AES-GCM is sent by our own `GcmPacketCipher`.
 *
 * Returns whether ssh2 is done with what it is given to decrypt when it returns, as with AES-GCM, whose clear text it puts
 * into buffers of its own.
 *
 * Without effect where ssh2 keeps these things elsewhere: slower then, and as right as before. A test notices.
 */
export function quickenCiphers(client: Client): { readonly keepsNothing: boolean } {
  const { _protocol: protocol } = client as unknown as { readonly _protocol?: Protocol };
  if (protocol === undefined) return { keepsNothing: false };
  const { _cipher: cipher, _decipher: decipher } = protocol;
  if (Buffer.isBuffer(cipher?._encKey)) cipher._encKey = createSecretKey(cipher._encKey);
  if (Buffer.isBuffer(decipher?._decipherKey)) decipher._decipherKey = createSecretKey(decipher._decipherKey);
  const quick = gcmInPlaceOf(cipher);
  if (quick !== undefined) protocol._cipher = quick;
  return { keepsNothing: GCM.has(decipher?._decipherSSLName) };
}

function gcmInPlaceOf(cipher: Protocol['_cipher']): GcmPacketCipher | undefined {
  const { _encSSLName: algorithm, _encKey: key, _encIV: iv, _onWrite: write, outSeqno } = cipher ?? {};
  if (!GCM.has(algorithm) || !Buffer.isBuffer(iv) || typeof write !== 'function' || outSeqno === undefined) return;
  return new GcmPacketCipher({ algorithm, key, iv } as ConstructorParameters<typeof GcmPacketCipher>[0], {
    outSeqno,
    write: write as (bytes: Buffer) => void,
  });
}
