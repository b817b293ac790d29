import { createDiffieHellmanGroup, generateKeyPairSync, getCiphers, getCurves, getHashes } from 'node:crypto';

import type { CipherAlgorithm, KexAlgorithm, MacAlgorithm, ServerHostKeyAlgorithm } from 'ssh2';

export interface SshAlgorithms {
  readonly kex: readonly KexAlgorithm[];
  readonly cipher: readonly CipherAlgorithm[];
  readonly hmac: readonly MacAlgorithm[];
  readonly serverHostKey: readonly ServerHostKeyAlgorithm[];
}

// In the order of preference. AES-GCM first: with noDelay it needs the fewest writes and the least time here.
const CIPHERS: readonly (readonly [CipherAlgorithm, string])[] = [
  ['aes128-gcm@openssh.com', 'aes-128-gcm'],
  ['aes256-gcm@openssh.com', 'aes-256-gcm'],
  ['aes256-ctr', 'aes-256-ctr'],
  ['aes192-ctr', 'aes-192-ctr'],
  ['aes128-ctr', 'aes-128-ctr'],
  ['chacha20-poly1305@openssh.com', 'chacha20'],
];

const MACS: readonly (readonly [MacAlgorithm, string])[] = [
  ['hmac-sha2-256-etm@openssh.com', 'sha256'],
  ['hmac-sha2-512-etm@openssh.com', 'sha512'],
  ['hmac-sha2-256', 'sha256'],
  ['hmac-sha2-512', 'sha512'],
];

const CURVES: readonly (readonly [KexAlgorithm, string])[] = [
  ['ecdh-sha2-nistp256', 'prime256v1'],
  ['ecdh-sha2-nistp384', 'secp384r1'],
  ['ecdh-sha2-nistp521', 'secp521r1'],
];

const GROUPS: readonly (readonly [KexAlgorithm, string])[] = [
  ['diffie-hellman-group16-sha512', 'modp16'],
  ['diffie-hellman-group18-sha512', 'modp18'],
  ['diffie-hellman-group14-sha256', 'modp14'],
];

const HOST_KEYS: readonly (readonly [ServerHostKeyAlgorithm, string])[] = [
  ['ecdsa-sha2-nistp256', 'prime256v1'],
  ['ecdsa-sha2-nistp384', 'secp384r1'],
  ['ecdsa-sha2-nistp521', 'secp521r1'],
];

/**
 * What may be offered, reduced to what this build of Node can do: ssh2 throws for a name its crypto lacks, and
 * Electron's BoringSSL lacks some. SHA-1 signatures and MACs are left out on purpose.
 */
export function supportedAlgorithms(): SshAlgorithms {
  const ciphers = new Set(getCiphers());
  const hashes = new Set(getHashes().map((name) => name.toLowerCase()));
  const curves = new Set(getCurves());
  const ecdh = named(CURVES, (curve) => curves.has(curve));
  const groups = named(GROUPS, (group) => works(() => createDiffieHellmanGroup(group)));
  const x25519 = works(() => generateKeyPairSync('x25519'));
  const ed25519 = works(() => generateKeyPairSync('ed25519'));
  return {
    kex: [
      ...(x25519 ? (['curve25519-sha256', 'curve25519-sha256@libssh.org'] as const) : []),
      ...ecdh,
      'diffie-hellman-group-exchange-sha256',
      ...groups,
    ],
    cipher: named(CIPHERS, (name) => ciphers.has(name)),
    hmac: named(MACS, (name) => hashes.has(name)),
    serverHostKey: [
      ...(ed25519 ? (['ssh-ed25519'] as const) : []),
      ...named(HOST_KEYS, (curve) => curves.has(curve)),
      'rsa-sha2-512',
      'rsa-sha2-256',
    ],
  };
}

/** Known key types first: a server that gained a better key must not look like one that changed its key. */
export function preferKnownTypes(
  supported: readonly ServerHostKeyAlgorithm[],
  knownTypes: readonly string[],
): readonly ServerHostKeyAlgorithm[] {
  const isKnown = (name: ServerHostKeyAlgorithm) =>
    knownTypes.includes(name.startsWith('rsa-sha2-') ? 'ssh-rsa' : name);
  return [...supported.filter(isKnown), ...supported.filter((name) => !isKnown(name))];
}

function named<N>(list: readonly (readonly [N, string])[], isThere: (needed: string) => boolean): readonly N[] {
  return list.filter(([, needed]) => isThere(needed)).map(([name]) => name);
}

function works(attempt: () => unknown): boolean {
  try {
    attempt();
    return true;
  } catch {
    return false;
  }
}
