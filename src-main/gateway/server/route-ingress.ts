import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';

import { isLoopback } from './host-names.ts';
import type { RouteListener } from './listener.ts';
import { isTailnetAddress } from './tailnet-address.ts';

/** Why a request did not come by the route as Tailscale brings one. */
export type RouteFault = 'wrong-host' | 'not-forwarded';

/**
 * The client of a request on a route. Tailscale removes what a client says of these headers and writes each once
 * (`ipn/ipnlocal/serve.go` of 1.102): whatever looks otherwise came from a program on this computer.
 */
export function readRoute(
  { headersDistinct: headers }: IncomingMessage,
  { kind, host, scheme }: RouteListener,
): { readonly client: string } | { readonly fault: RouteFault } {
  const { 'x-forwarded-host': forwardedHosts = [host] } = headers;
  if (only(headers['host']) !== host || only(forwardedHosts) !== host) return { fault: 'wrong-host' };
  const client = only(headers['x-forwarded-for']) ?? '';
  const protocol = scheme === 'https' ? 'https' : undefined;
  const isWhole = headers['forwarded'] === undefined && oneOrNone(headers['x-forwarded-proto']) === protocol;
  const isFromInternet = oneOrNone(headers['tailscale-funnel-request']);
  const fits =
    isFromInternet === undefined
      ? isTailnetAddress(client)
      : kind === 'funnel' && isFromInternet === '?1' && isPublic(client);
  return isWhole && fits ? { client } : { fault: 'not-forwarded' };
}

/** The value of a header that was sent exactly once. */
export function only(values: readonly string[] | undefined): string | undefined {
  return values?.length === 1 ? values[0] : undefined;
}

/** `undefined` where it was not sent; what was sent twice is a value that fits nothing. */
function oneOrNone(values: readonly string[] | undefined): string | undefined {
  return values === undefined ? undefined : values.length === 1 ? values[0] : values.join('\n');
}

function isPublic(address: string): boolean {
  const isNowhere = address === '0.0.0.0' || address === '::' || address.startsWith('::ffff:') || address.includes('%');
  return isIP(address) !== 0 && !isNowhere && !isLoopback(address) && !isTailnetAddress(address);
}
