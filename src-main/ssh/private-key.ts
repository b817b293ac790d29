import { createPrivateKey, type KeyObject } from 'node:crypto';

import ssh2, { type ParsedKey } from 'ssh2';

import { opensshContainer, toOpensshKey } from './openssh-key-file.ts';

/** What opening the text of a private key came to. `pem` is unencrypted and of a form that `parseKey` reads. */
export type OpenedKey =
  | { readonly status: 'open'; readonly pem: string }
  | { readonly status: 'wrong-passphrase' }
  /** `problem` is fit for a sentence. */
  | { readonly status: 'unusable'; readonly problem: string };

/** What protects the text of a private key, as far as the text itself tells. */
export function isEncrypted(text: string): boolean {
  if (/BEGIN ENCRYPTED PRIVATE KEY|Proc-Type: 4,ENCRYPTED/.test(text)) return true;
  const container = opensshContainer(text);
  return container !== undefined && container.cipher !== 'none';
}

/** A key in any unencrypted form: OpenSSH, PEM, PKCS#8, or a public one. */
export function parseKey(text: string): ParsedKey | undefined {
  const parsed = ssh2.utils.parseKey(text);
  if (!(parsed instanceof Error)) return firstOf(parsed);
  const converted = /BEGIN PRIVATE KEY/.test(text) ? fromPkcs8(text) : undefined;
  const again = converted === undefined ? parsed : ssh2.utils.parseKey(converted);
  return again instanceof Error ? undefined : firstOf(again);
}

/** Why a text is no key that can be used, in words that say what can be done where something can. */
export function problemOf(text: string): string {
  if (text.startsWith('PuTTY-User-Key-File-')) {
    return 'it is a PuTTY key; export it in OpenSSH form with PuTTYgen, or use Pageant';
  }
  const container = opensshContainer(text);
  if (container?.keyType.startsWith('sk-') === true) return 'it needs a security key; add it to your SSH agent';
  if (container?.cipher.startsWith('chacha20') === true) {
    return 'it is encrypted with chacha20-poly1305; change that with ssh-keygen -p -Z aes256-ctr, or add it to your SSH agent';
  }
  return 'it is not a private key of a kind Gangway can read';
}

/**
 * Decrypts a private key. An OpenSSH key takes from a fraction of a second to many seconds, during which this thread
 * does nothing else: bcrypt is meant to be slow, and is JavaScript here.
 */
export function openPrivateKey(text: string, passphrase: string): OpenedKey {
  const unusable: OpenedKey = { status: 'unusable', problem: problemOf(text) };
  if (opensshContainer(text) !== undefined) return openOpenssh(text, passphrase) ?? unusable;
  try {
    const pem = inOldForm(createPrivateKey({ key: text, passphrase }));
    return pem === undefined ? unusable : { status: 'open', pem };
  } catch {
    // One wrong passphrase in 256 decrypts to something that looks padded, and is called unsupported then.
    return isEncrypted(text) ? { status: 'wrong-passphrase' } : unusable;
  }
}

function openOpenssh(text: string, passphrase: string): OpenedKey | undefined {
  // ssh2 cannot derive a key from nothing.
  if (passphrase === '' && isEncrypted(text)) return { status: 'wrong-passphrase' };
  const parsed = ssh2.utils.parseKey(text, passphrase);
  if (parsed instanceof Error) {
    // What ssh2 1.17 says of a wrong passphrase: the first for CTR and CBC, the second for GCM.
    return /bad passphrase|unable to authenticate data/.test(parsed.message)
      ? { status: 'wrong-passphrase' }
      : undefined;
  }
  const pem = firstOf(parsed)?.getPrivatePEM();
  return pem === undefined ? undefined : { status: 'open', pem };
}

/** ssh2 does not read PKCS#8; RSA and EC keys have an older form that it reads, and Ed25519 keys that of OpenSSH. */
function fromPkcs8(text: string): string | undefined {
  try {
    return inOldForm(createPrivateKey(text));
  } catch {
    return undefined;
  }
}

function inOldForm(key: KeyObject): string | undefined {
  if (key.asymmetricKeyType === 'rsa') return key.export({ type: 'pkcs1', format: 'pem' }).toString();
  if (key.asymmetricKeyType === 'ec') return key.export({ type: 'sec1', format: 'pem' }).toString();
  return key.asymmetricKeyType === 'ed25519' ? toOpensshKey(key) : undefined;
}

/** ssh2 returns a list for the OpenSSH form, which its types do not tell. */
function firstOf(parsed: ParsedKey | readonly ParsedKey[]): ParsedKey | undefined {
  return 'length' in parsed ? parsed[0] : parsed;
}
