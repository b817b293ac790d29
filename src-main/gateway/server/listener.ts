import { networkInterfaces } from 'node:os';

import { fail } from '../../contract/errors.ts';
import type { GatewayRunOptions } from '../../contract/gateway-host.ts';
import { isTailnetAddress, isTailnetV4, isTailnetV6 } from './tailnet-address.ts';

/** One address the gateway listens on, and what for. */
export type Listener = BindListener | RouteListener;

/** Where the gateway was told to listen. Nothing that a request says of Tailscale is believed here. */
export interface BindListener {
  readonly kind: 'bind';
  readonly bind: GatewayRunOptions['bind'];
  readonly address: string;
}

/** On a port of its own that only the daemon of Tailscale on this computer is told of. */
export interface RouteListener {
  readonly kind: 'serve' | 'funnel';
  readonly address: '127.0.0.1';
  /** What `Host` says of everything that came by the route. */
  readonly host: string;
  readonly scheme: 'https' | 'http';
}

/** Interfaces by name, as `os.networkInterfaces()` gives them. */
export type Interfaces = Readonly<Record<string, readonly { readonly address: string }[] | undefined>>;

/**
 * The listeners a bind stands for; loopback is both families. None while a tailnet bind has no address.
 *
 * @throws AppError `gateway/no-custom-address`.
 */
export function listenersOf(
  { bind, host }: Pick<GatewayRunOptions, 'bind' | 'host'>,
  interfaces: () => Interfaces = networkInterfaces,
): readonly BindListener[] {
  switch (bind) {
    case 'loopback':
      return ['127.0.0.1', '::1'].map((address) => ({ kind: 'bind' as const, bind, address }));
    case 'lan':
      return [{ kind: 'bind', bind, address: '0.0.0.0' }];
    case 'tailnet': {
      const address = tailnetAddressOf(host, interfaces());
      return address === undefined ? [] : [{ kind: 'bind', bind, address }];
    }
    case 'custom':
      if (host === undefined) throw fail('gateway/no-custom-address', {});
      return [{ kind: 'bind', bind, address: host }];
  }
}

/** Where a tailnet bind is to listen right now. An address that was given counts while this computer has it. */
export function tailnetAddressOf(host: string | undefined, interfaces: Interfaces): string | undefined {
  if (host === undefined || !isTailnetAddress(host)) return tailnetAddress(interfaces);
  return Object.values(interfaces).some((entries) => entries?.some(({ address }) => address === host))
    ? host
    : undefined;
}

/**
 * 100.64.0.0/10 alone does not make a tailnet: providers use it for their customers too, and such an interface faces
 * the world. The interface must carry Tailscale's name or an address of its IPv6 network as well.
 */
function tailnetAddress(interfaces: Interfaces): string | undefined {
  for (const [name, entries = []] of Object.entries(interfaces)) {
    const addresses = entries.map(({ address }) => address);
    const isTailscale = /^tailscale/i.test(name) || addresses.some((address) => isTailnetV6(address));
    const found = addresses.find((address) => isTailnetV4(address));
    if (isTailscale) return found ?? addresses.find((address) => isTailnetV6(address));
  }
  return undefined;
}
