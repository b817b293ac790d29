import { networkInterfaces } from 'node:os';

import { fail } from '../../contract/errors.ts';
import type { GatewayRunOptions } from '../../contract/gateway-host.ts';

/** One address the gateway listens on, and what for. */
export interface Listener {
  readonly bind: GatewayRunOptions['bind'];
  readonly address: string;
}

/** Interfaces by name, as `os.networkInterfaces()` gives them. */
export type Interfaces = Readonly<Record<string, readonly { readonly address: string }[] | undefined>>;

/**
 * The listeners a bind stands for; loopback is both families.
 *
 * @throws AppError `gateway/no-tailnet-address`, or `gateway/address-unavailable` when `custom` names none.
 */
export function listenersOf(
  { bind, host }: Pick<GatewayRunOptions, 'bind' | 'host'>,
  interfaces: () => Interfaces = networkInterfaces,
): readonly Listener[] {
  switch (bind) {
    case 'loopback':
      return ['127.0.0.1', '::1'].map((address) => ({ bind, address }));
    case 'lan':
      return [{ bind, address: '0.0.0.0' }];
    case 'tailnet': {
      const address = host !== undefined && isTailnetAddress(host) ? host : tailnetAddress(interfaces());
      if (address === undefined) throw fail('gateway/no-tailnet-address', {});
      return [{ bind, address }];
    }
    case 'custom':
      if (host === undefined) throw fail('gateway/address-unavailable', { address: 'the custom address' });
      return [{ bind, address: host }];
  }
}

/** The address space of tailnets: 100.64.0.0/10, and fd7a:115c:a1e0::/48, https://tailscale.com/kb/1015 */
const TAILNET_V4 = /^100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\./;
const TAILNET_V6 = /^fd7a:115c:a1e0:/i;

function isTailnetAddress(address: string): boolean {
  return TAILNET_V4.test(address) || TAILNET_V6.test(address);
}

/**
 * 100.64.0.0/10 alone does not make a tailnet: providers use it for their customers too, and such an interface faces
 * the world. The interface must carry Tailscale's name or an address of its IPv6 network as well.
 */
function tailnetAddress(interfaces: Interfaces): string | undefined {
  for (const [name, entries = []] of Object.entries(interfaces)) {
    const addresses = entries.map(({ address }) => address);
    const isTailscale = /^tailscale/i.test(name) || addresses.some((address) => TAILNET_V6.test(address));
    const found = addresses.find((address) => TAILNET_V4.test(address));
    if (isTailscale) return found ?? addresses.find((address) => TAILNET_V6.test(address));
  }
  return undefined;
}
