import { lookup } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';

/**
 * What no router of the internet passes on: RFC 1918, RFC 3927, RFC 4193, RFC 4291, and RFC 6598, which tailnets use as
 * well (https://tailscale.com/kb/1015). An IPv4 address written as IPv6 counts as what it is.
 */
const PRIVATE = new BlockList();
for (const [network, prefix] of [
  ['10.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['169.254.0.0', 16],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
] as const) {
  PRIVATE.addSubnet(network, prefix, 'ipv4');
}
PRIVATE.addSubnet('fc00::', 7, 'ipv6');
PRIVATE.addSubnet('fe80::', 10, 'ipv6');
PRIVATE.addAddress('::1', 'ipv6');

export function isPrivateAddress(address: string): boolean {
  const [bare = ''] = address.replace(/^\[|\]$/g, '').split('%');
  const version = isIP(bare);
  return version !== 0 && PRIVATE.check(bare, version === 6 ? 'ipv6' : 'ipv4');
}

/** `localhost` and literal loopback addresses; any other name could resolve to anywhere. */
export function isLoopbackHost(hostname: string): boolean {
  const bare = hostname.replace(/^\[|\]$/g, '').toLowerCase();
  if (bare === 'localhost' || bare === '::1') return true;
  return isIP(bare) === 4 && bare.startsWith('127.');
}

/** Why nothing may be sent there unencrypted; `undefined` where it may. A name is judged by what it resolves to. */
export function plaintextFault(url: URL, isTrustedNetwork: boolean): 'public' | 'not-trusted' | undefined {
  if (url.protocol !== 'ws:' || isLoopbackHost(url.hostname)) return undefined;
  const isLiteral = isIP(url.hostname.replace(/^\[|\]$/g, '')) !== 0;
  if (isLiteral && !isPrivateAddress(url.hostname)) return 'public';
  return isTrustedNetwork ? undefined : 'not-trusted';
}

/** The code with which `lookupPrivate` refuses a name. */
export const PUBLIC_ADDRESS = 'EPUBLICADDRESS';

/** Resolves a name only if all of its addresses are private: a name that leads elsewhere gets nothing to read. */
export const lookupPrivate: LookupFunction = (hostname, options, callback) => {
  lookup(hostname, { ...options, all: true }, (error, addresses) => {
    const [first] = addresses ?? [];
    if (error !== null || first === undefined) return callback(error ?? new Error('no address'), '', 0);
    if (!addresses.every(({ address }) => isPrivateAddress(address))) {
      return callback(Object.assign(new Error('a public address'), { code: PUBLIC_ADDRESS }), '', 0);
    }
    if (options.all === true) return callback(null, addresses);
    return callback(null, first.address, first.family);
  });
};
