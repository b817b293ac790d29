import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http';

import { nodeAt, userOf, type Netmap } from '../netmap.ts';

/** Where a request comes from, as the tailnet carries it. */
export interface Origin {
  readonly address: string;
  /** A relay of Funnel brought it from the internet. */
  readonly isPublic: boolean;
  readonly isTls: boolean;
}

/** What a visitor may not say of itself; ipn/ipnlocal/serve.go and httputil.ReverseProxy of Go. */
const TAKEN_AWAY = [
  'forwarded',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
  'tailscale-user-login',
  'tailscale-user-name',
  'tailscale-user-profile-pic',
  'tailscale-headers-info',
  'tailscale-funnel-request',
  'tailscale-app-capabilities',
];
const HOP_BY_HOP = ['connection', 'keep-alive', 'proxy-connection', 'te', 'trailer', 'transfer-encoding', 'upgrade'];

/** The headers that reach the server: those of the visitor without what only Tailscale may say, and what it says. */
export function toldHeaders(asked: IncomingHttpHeaders, origin: Origin, map: Netmap): OutgoingHttpHeaders {
  const named = (asked.connection ?? '').split(',').map((name) => name.trim().toLowerCase());
  const dropped = new Set([...TAKEN_AWAY, ...HOP_BY_HOP, ...named]);
  const kept = Object.entries(asked).filter(([name]) => !dropped.has(name));
  return {
    ...Object.fromEntries(kept),
    'X-Forwarded-For': origin.address,
    'X-Forwarded-Host': asked.host,
    ...(origin.isTls && { 'X-Forwarded-Proto': 'https' }),
    ...(origin.isPublic ? { 'Tailscale-Funnel-Request': '?1' } : identity(origin.address, map)),
  };
}

function identity(address: string, map: Netmap): OutgoingHttpHeaders {
  const node = nodeAt(map, address);
  const user = node !== undefined && node.tags.length === 0 ? userOf(map, node) : undefined;
  if (user === undefined) return {};
  return {
    'Tailscale-User-Login': encoded(user.login),
    'Tailscale-User-Name': encoded(user.name),
    'Tailscale-User-Profile-Pic': user.picture,
    'Tailscale-Headers-Info': 'https://tailscale.com/s/serve-headers',
  };
}

/** RFC 2047, Q encoding, as `mime.QEncoding.Encode("utf-8", …)` of Go does. */
export function encoded(text: string): string {
  if (/^[\u0020-\u007E\t]*$/.test(text)) return text;
  const words = [...Buffer.from(text)].map((byte) => {
    const char = String.fromCodePoint(byte);
    if (char === ' ') return '_';
    if (/^[!-~]$/.test(char) && !'=?_'.includes(char)) return char;
    return `=${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  });
  return `=?utf-8?q?${words.join('')}?=`;
}
