import { createHash, createPublicKey, generateKeyPairSync } from 'node:crypto';

import type { StateDatabase } from './state-database.ts';

/** Who this gateway is, for as long as its state lives. */
export interface GatewayIdentity {
  /** Hex SHA-256 of the raw public key, as for every device of the protocol. */
  readonly deviceId: string;
  /** The raw Ed25519 key, base64url. */
  readonly publicKey: string;
}

/** The identity in the database, made at the first start. */
export function readIdentity(database: StateDatabase): GatewayIdentity {
  return database.transaction(() => {
    const kept = database.get("SELECT value FROM secrets WHERE name = 'identity'")?.['value'];
    if (typeof kept === 'string') return toIdentity(kept);
    const { privateKey } = generateKeyPairSync('ed25519');
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    database.run("INSERT INTO secrets (name, value) VALUES ('identity', ?)", pem);
    return toIdentity(pem);
  });
}

function toIdentity(privateKeyPem: string): GatewayIdentity {
  const { x = '' } = createPublicKey(privateKeyPem).export({ format: 'jwk' });
  const deviceId = createHash('sha256').update(Buffer.from(x, 'base64url')).digest('hex');
  return { deviceId, publicKey: x };
}
