import { isLoopback } from '../server/host-names.ts';
import type { Ingress } from '../server/ingress.ts';
import type { RouteListener } from '../server/listener.ts';

/**
 * Whether a page may open a connection. Loopback pages may while they ask for loopback; others must be listed, or be
 * served by this very gateway under a name of its own. Any other name could have been made to resolve here (DNS
 * rebinding).
 */
export function isAllowedOrigin(ingress: Ingress, allowed: readonly string[]): boolean {
  const { origin, host, listener, isLocalHost, isOwnHost } = ingress;
  if (origin === undefined || allowed.includes(origin)) return true;
  if (listener.kind !== 'bind') return origin === routeOrigin(listener);
  const url = URL.canParse(origin) ? new URL(origin) : undefined;
  // An origin is written in one way; what the parser has to mend was written by no browser.
  if (url?.origin !== origin || !/^https?:$/.test(url.protocol)) return false;
  if (isLoopback(url.hostname)) return isLocalHost;
  return isOwnHost && url.host === host;
}

/** `https://laptop.tail1f3a.ts.net`, as a browser writes it. */
export function routeOrigin({ scheme, host }: RouteListener): string {
  return `${scheme}://${host}`;
}
