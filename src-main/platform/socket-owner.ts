import { endianness } from 'node:os';

import { ownerOfSocket } from './port-tables.ts';
import type { Files } from './ports.ts';

/** Both ends of a connection within this computer, as we see it: theirs is the other program's. */
export interface SocketEnds {
  readonly theirs: { readonly address: string; readonly port: number };
  readonly ours: { readonly address: string; readonly port: number };
}

/** Whose program holds the other end. `untold`: this platform says nothing. `unknown`: it should have, and did not. */
export type SocketOwner =
  { readonly status: 'known'; readonly uid: number } | { readonly status: 'unknown' } | { readonly status: 'untold' };

/** IPv4 on loopback only. Never throws. */
export async function findSocketOwner(
  ends: SocketEnds,
  { files, platform }: { readonly files: Pick<Files, 'read'>; readonly platform: NodeJS.Platform },
): Promise<SocketOwner> {
  if (platform !== 'linux') return { status: 'untold' };
  // A program may reach an IPv4 address with a socket of IPv6.
  for (const table of ['/proc/net/tcp', '/proc/net/tcp6']) {
    const text = await files.read(table).catch(() => undefined);
    const uid = text === undefined ? undefined : ownerOfSocket(text, ends, endianness() === 'LE');
    if (uid !== undefined) return { status: 'known', uid };
  }
  return { status: 'unknown' };
}
