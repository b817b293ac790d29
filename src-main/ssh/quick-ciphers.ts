import { createSecretKey, type CipherGCMTypes } from 'node:crypto';

import type { Client } from 'ssh2';

import type { GcmKey } from './gcm-key.ts';
import { GcmPacketCipher, type PacketCipher } from './gcm-packet-cipher.ts';
import { GcmPacketDecipher, type PacketDecipher } from './gcm-packet-decipher.ts';

/** The private parts of ssh2 1.17 that encrypt and decrypt a connection. */
interface Protocol {
  _cipher?: Partial<PacketCipher> & {
    _encSSLName?: unknown;
    _encKey?: unknown;
    _encIV?: unknown;
    _onWrite?: unknown;
  };
  _decipher?: Partial<PacketDecipher> & {
    _decipherSSLName?: unknown;
    _decipherKey?: unknown;
    _decipherIV?: unknown;
    /** Bytes that were read of the next packet. */
    _lenBytes?: unknown;
  };
}

/**
 * Makes a connection as fast as this runtime allows, to be called after every key exchange: AES-GCM is done by our own
 * `GcmPacketCipher` and `GcmPacketDecipher`. Their keys are `KeyObject`s: Node 24 needs 11 µs to make a cipher with a key
 * in a buffer, as ssh2 does for each packet, and 1.3 µs with a `KeyObject` (measured).
 *
 * Returns whether what a connection is given to decrypt is done with when that returns, as with our own, which put the
 * clear text into buffers of their own.
 *
 * Without effect where ssh2 keeps these things elsewhere: slower then, and as right as before. A test notices.
 */
export function quickenCiphers(client: Client): { readonly keepsNothing: boolean } {
  const { _protocol: protocol } = client as unknown as { readonly _protocol?: Protocol };
  const cipher = cipherInPlaceOf(protocol?._cipher);
  const decipher = decipherInPlaceOf(protocol?._decipher);
  if (protocol && cipher) protocol._cipher = cipher;
  if (protocol && decipher) protocol._decipher = decipher;
  return { keepsNothing: decipher !== undefined };
}

function cipherInPlaceOf(cipher: Protocol['_cipher']): GcmPacketCipher | undefined {
  const { _encSSLName: algorithm, _encKey: key, _encIV: iv, _onWrite: write, outSeqno } = cipher ?? {};
  const ours = gcmKeyOf({ algorithm, key, iv });
  if (ours === undefined || typeof write !== 'function' || outSeqno === undefined) return undefined;
  return new GcmPacketCipher(ours, { outSeqno, write: write as (bytes: Buffer) => void });
}

function decipherInPlaceOf(decipher: Protocol['_decipher']): GcmPacketDecipher | undefined {
  const { _decipherSSLName: algorithm, _decipherKey: key, _decipherIV: iv, _onPayload: onPayload } = decipher ?? {};
  const { inSeqno, _lenBytes: readBytes } = decipher ?? {};
  const ours = gcmKeyOf({ algorithm, key, iv });
  if (ours === undefined || onPayload === undefined || inSeqno === undefined || readBytes !== 0) return undefined;
  return new GcmPacketDecipher(ours, { inSeqno, onPayload });
}

function gcmKeyOf({ algorithm, key, iv }: { readonly [K in keyof GcmKey]: unknown }): GcmKey | undefined {
  if (!isGcm(algorithm) || !Buffer.isBuffer(key) || !Buffer.isBuffer(iv)) return undefined;
  return { algorithm, key: createSecretKey(key), iv };
}

function isGcm(algorithm: unknown): algorithm is CipherGCMTypes {
  return algorithm === 'aes-128-gcm' || algorithm === 'aes-256-gcm';
}
