import { createHash, timingSafeEqual } from 'node:crypto';

import { secretOf, type GatewayAuth } from '../../contract/gateway-host.ts';

/** A secret that others can try must not be guessable. */
export const MIN_SECRET_LENGTH = 16;

/** Compares in constant time. Both sides are hashed first, so that not even the length can be measured. */
export function isSharedSecret(auth: GatewayAuth, presented: string): boolean {
  const secret = secretOf(auth);
  return secret !== undefined && timingSafeEqual(digest(secret), digest(presented));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text, 'utf8').digest();
}
