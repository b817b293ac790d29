import { isIP } from 'node:net';

export function isLoopback(host: string): boolean {
  const bare = unbracketed(host).toLowerCase();
  return bare === 'localhost' || bare === '::1' || (isIP(bare) === 4 && bare.startsWith('127.'));
}

/** `127.0.0.1:18789` → `127.0.0.1`; `[::1]:18789` → `[::1]`. */
export function hostnameOf(host: string): string {
  return host.replace(/:\d+$/, '');
}

export function isIpLiteral(hostname: string): boolean {
  return isIP(unbracketed(hostname)) !== 0;
}

/** `::ffff:10.0.0.1` → `10.0.0.1` */
export function plainAddress(address = ''): string {
  return address.replace(/^::ffff:(?=\d+\.)/, '');
}

function unbracketed(host: string): string {
  return host.replace(/^\[|\]$/g, '');
}
