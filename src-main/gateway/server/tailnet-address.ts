import { isIP } from 'node:net';

// The address space of tailnets: 100.64.0.0/10 and fd7a:115c:a1e0::/48, https://tailscale.com/kb/1015

/** Whether this is written as an address of a tailnet. An IPv4 address in the clothes of IPv6 is not. */
export function isTailnetAddress(address: string): boolean {
  return isTailnetV4(address) || isTailnetV6(address);
}

export function isTailnetV4(address: string): boolean {
  return isIP(address) === 4 && /^100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\./.test(address);
}

export function isTailnetV6(address: string): boolean {
  return isIP(address) === 6 && /^fd7a:115c:a1e0:/i.test(address) && !address.includes('%');
}
