import type { IncomingMessage } from 'node:http';
import { BlockList, isIP } from 'node:net';

/** Where a request came from, computed once and used by everything that decides about it. */
export interface Ingress {
  /** Address of the peer; an IPv4 address in its own form. */
  readonly peer: string;
  readonly isLoopbackPeer: boolean;
  /** The `Host` header. */
  readonly host: string | undefined;
  /** Whether the Host names this computer: a page of a foreign name that resolves to us does not. */
  readonly isLocalHost: boolean;
  /** The `Origin` header; an empty one counts as absent. */
  readonly origin: string | undefined;
  /** Somebody in between says for whom it asks, and that somebody is not one we were told to believe. */
  readonly isUnattributed: boolean;
}

/** Headers that speak of another client than the peer, as the real gateway counts them. */
const PROXY_HEADER = /^(forwarded|x-forwarded-.+|x-real-ip|tailscale-user-login)$/;

export function readIngress(request: IncomingMessage, trustedProxies: BlockList): Ingress {
  const peer = (request.socket.remoteAddress ?? '').replace(/^::ffff:(?=\d+\.)/, '');
  const { host, origin } = request.headers;
  const speaksForOthers = Object.keys(request.headers).some((name) => PROXY_HEADER.test(name));
  return {
    peer,
    isLoopbackPeer: isLoopback(peer),
    host,
    isLocalHost: host !== undefined && isLoopback(hostnameOf(host)),
    origin: origin === '' ? undefined : origin,
    isUnattributed: speaksForOthers && !isListed(trustedProxies, peer),
  };
}

/** Single addresses and networks such as `10.0.0.0/8`; anything else was refused with the configuration. */
export function toBlockList(entries: readonly string[]): BlockList {
  const list = new BlockList();
  for (const entry of entries) {
    const [address = '', prefix] = entry.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    if (isIP(address) === 0) continue;
    if (prefix === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(prefix), family);
  }
  return list;
}

export function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[|\]$/g, '').toLowerCase();
  return bare === 'localhost' || bare === '::1' || (isIP(bare) === 4 && bare.startsWith('127.'));
}

/** `127.0.0.1:18789` → `127.0.0.1`; `[::1]:18789` → `[::1]`. */
export function hostnameOf(host: string): string {
  return host.replace(/:\d+$/, '');
}

function isListed(list: BlockList, address: string): boolean {
  const family = isIP(address);
  return family !== 0 && list.check(address, family === 6 ? 'ipv6' : 'ipv4');
}
