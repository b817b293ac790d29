import { isIP } from 'node:net';

import { hostnameOf, isLoopback, type Ingress } from '../server/ingress.ts';

/**
 * Whether a page may open a connection. Loopback pages may while they ask for loopback; others must be listed, or be
 * served by this very gateway at an address of its own. A name is not enough for that: any name can be made to
 * resolve here (DNS rebinding).
 */
export function isAllowedOrigin({ origin, host, isLocalHost }: Ingress, allowed: readonly string[]): boolean {
  if (origin === undefined) return true;
  if (allowed.includes(origin)) return true;
  const url = URL.canParse(origin) ? new URL(origin) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) return false;
  if (isLoopback(url.hostname)) return isLocalHost;
  return url.host === host && isIP(hostnameOf(host).replace(/^\[|\]$/g, '')) !== 0;
}
