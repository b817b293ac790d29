import { randomBytes } from 'node:crypto';

/** A new gateway token: 256 random bits in 43 characters that need no escaping anywhere. */
export function generateToken(): string {
  return randomBytes(32).toString('base64url');
}
