import { createHash, timingSafeEqual } from 'node:crypto';

import type { GatewayAuth } from '../../contract/gateway-host.ts';

/** Compares in constant time. Both sides are hashed first, so that not even the length can be measured. */
export function isSharedSecret(auth: GatewayAuth, presented: string): boolean {
  const secret = auth.mode === 'token' ? auth.token : auth.mode === 'password' ? auth.password : undefined;
  return secret !== undefined && timingSafeEqual(digest(secret), digest(presented));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text, 'utf8').digest();
}
