import type { IncomingMessage } from 'node:http';
import { isIP, SocketAddress, type Socket } from 'node:net';

import type { SocketEnds } from '../../platform/socket-owner.ts';

import { isLoopback } from './host-names.ts';
import type { RouteListener } from './listener.ts';
import { isTailnetAddress } from './tailnet-address.ts';
import { readLogin } from './tailscale-login.ts';

/** Why a request did not come by the route as Tailscale brings one. */
export type RouteFault = 'wrong-host' | 'not-forwarded';

/** A request as Tailscale brings one. */
export interface RouteArrival {
  readonly client: string;
  /** On Serve: who it says the client is. Any program on this computer can say the same. */
  readonly login: string | undefined;
  readonly ends: SocketEnds;
}

/**
 * The client of a request on a route. Tailscale removes what a client says of these headers and writes each once
 * (`ipn/ipnlocal/serve.go` of 1.102): whatever looks otherwise came from a program on this computer.
 */
export function readRoute(
  { headersDistinct: headers, socket }: IncomingMessage,
  { kind, host, scheme }: RouteListener,
): RouteArrival | { readonly fault: RouteFault } {
  const { 'x-forwarded-host': forwardedHosts = [host] } = headers;
  if (only(headers['host']) !== host || only(forwardedHosts) !== host) return { fault: 'wrong-host' };
  const client = only(headers['x-forwarded-for']) ?? '';
  const protocol = scheme === 'https' ? 'https' : undefined;
  const isWhole = headers['forwarded'] === undefined && oneOrNone(headers['x-forwarded-proto']) === protocol;
  const marker = oneOrNone(headers['tailscale-funnel-request']);
  if (!isWhole || !isClient(client, kind, marker)) return { fault: 'not-forwarded' };
  const isWithHost = headers['x-forwarded-host'] !== undefined;
  const login = kind === 'serve' && isWithHost ? readLogin(headers['tailscale-user-login']) : undefined;
  return { client, login, ends: endsOf(socket) };
}

/** Who comes from the internet is marked, and who comes from the tailnet is not. */
function isClient(address: string, kind: RouteListener['kind'], marker: string | undefined): boolean {
  if (!isCanonical(address)) return false;
  if (marker === undefined) return isTailnetAddress(address);
  return kind === 'funnel' && marker === '?1' && isPublic(address);
}

function endsOf({ remoteAddress = '', remotePort = 0, localAddress = '', localPort = 0 }: Socket): SocketEnds {
  return { theirs: { address: remoteAddress, port: remotePort }, ours: { address: localAddress, port: localPort } };
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
  return !isNowhere && !isLoopback(address) && !isTailnetAddress(address);
}

/** Tailscale writes an address in one way, so that one computer is one client. */
function isCanonical(address: string): boolean {
  const family = { 4: 'ipv4', 6: 'ipv6' } as const;
  const version = isIP(address);
  return (
    (version === 4 || version === 6) && new SocketAddress({ address, family: family[version] }).address === address
  );
}
