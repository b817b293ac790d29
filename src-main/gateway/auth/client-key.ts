import { isIP } from 'node:net';

import type { Ingress } from '../server/ingress.ts';
import { isTailnetAddress } from '../server/tailnet-address.ts';

/**
 * Under what a client is counted. A network gives one computer a whole /64 of IPv6 addresses (RFC 6177), so they count
 * as one; a tailnet gives every computer one address of the same /64.
 */
export function addressKey(address: string): string {
  return isIP(address) === 6 && address !== '::1' && !isTailnetAddress(address) ? `${prefix64(address)}::/64` : address;
}

/** Pages of a browser on this computer count each by its origin; so many at once, the rest count together. */
const MAX_ORIGINS = 16;

/** Gives every client the key its wrong secrets are counted under. */
export class ClientKeys {
  readonly #origins = new Set<string>();

  /**
   * A page must not lock out the programs beside it. Elsewhere the address alone counts: a header that anybody can
   * write must not give an attacker new attempts.
   */
  of({ client, isLoopbackPeer, isForwarded, origin }: Ingress): string {
    if (!isLoopbackPeer || isForwarded || origin === undefined) return addressKey(client);
    if (this.#origins.size < MAX_ORIGINS) this.#origins.add(origin);
    return `page ${this.#origins.has(origin) ? origin : 'of any other origin'}`;
  }
}

function prefix64(address: string): string {
  const [head = '', tail] = address.split('%')[0]?.split('::') ?? [];
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros =
    tail === undefined ? [] : Array.from({ length: Math.max(0, 8 - left.length - right.length) }, () => '0');
  return [...left, ...zeros, ...right]
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':');
}
