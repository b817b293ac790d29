import type { IncomingHttpHeaders } from 'node:http';
import { BlockList, isIP } from 'node:net';

/** One list per configuration; building it for every request would cost more than the question. */
const LISTS = new WeakMap<readonly string[], BlockList>();

/** Whether an address is one of `entries`: single addresses and networks such as `10.0.0.0/8`. */
export function isListedIn(entries: readonly string[], address: string): boolean {
  const family = isIP(address);
  if (family === 0 || entries.length === 0) return false;
  const list = LISTS.get(entries) ?? toBlockList(entries);
  LISTS.set(entries, list);
  return list.check(address, family === 6 ? 'ipv6' : 'ipv4');
}

/**
 * The client a trusted proxy speaks for: the last address in the chain that is not itself a trusted proxy, since
 * everything before it was written by others. `undefined` when the proxy names none that is an address.
 */
export function originalClient(headers: IncomingHttpHeaders, trustedProxies: readonly string[]): string | undefined {
  const chain = chainOf(headers);
  const stranger = chain.findLast((address) => !isListedIn(trustedProxies, address));
  const client = stranger ?? chain[0];
  return client !== undefined && isIP(client) !== 0 ? client : undefined;
}

function chainOf(headers: IncomingHttpHeaders): readonly string[] {
  const forwardedFor = headers['x-forwarded-for'];
  if (forwardedFor !== undefined) return String(forwardedFor).split(',').map(toAddress);
  const { forwarded } = headers;
  if (forwarded !== undefined) {
    return forwarded
      .split(',')
      .flatMap((hop) => /(?:^|;)\s*for=("[^"]*"|[^;]+)/i.exec(hop)?.[1] ?? [])
      .map(toAddress);
  }
  const realIp = headers['x-real-ip'];
  return realIp === undefined ? [] : [toAddress(String(realIp))];
}

/** `"[2001:db8::1]:4711"` → `2001:db8::1`; `192.0.2.1:80` → `192.0.2.1` */
function toAddress(text: string): string {
  const bare = text.trim().replace(/^"|"$/g, '');
  const bracketed = /^\[([^\]]+)\](?::\d+)?$/.exec(bare)?.[1];
  const address = bracketed ?? (bare.includes('.') ? bare.replace(/:\d+$/, '') : bare);
  return address.replace(/^::ffff:(?=\d+\.)/, '');
}

/** What is no address or network was refused with the configuration. */
function toBlockList(entries: readonly string[]): BlockList {
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
