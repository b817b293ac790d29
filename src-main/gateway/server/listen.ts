import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { fail } from '../../contract/errors.ts';

/**
 * Listens with one server per address on one port; 0 takes a port that is free on all of them. Resolves with the port.
 *
 * @throws AppError `gateway/port-taken` or `gateway/address-unavailable`; nothing listens then.
 */
export async function listenOn(
  servers: readonly Server[],
  addresses: readonly string[],
  port: number,
): Promise<number> {
  let chosen = port;
  for (const [index, server] of servers.entries()) {
    const address = addresses[index] ?? '';
    const error = await tryListen(server, address, chosen);
    // A computer without IPv6 has a loopback address less, which is nobody's loss.
    if (error !== undefined && index > 0 && address === '::1' && isMissing(error)) continue;
    if (error !== undefined) {
      for (const other of servers) other.close();
      throw toAppError(error, address, chosen);
    }
    chosen = (server.address() as AddressInfo).port;
  }
  return chosen;
}

function tryListen(server: Server, host: string, port: number): Promise<NodeJS.ErrnoException | undefined> {
  return new Promise((resolve) => {
    const failed = (error: NodeJS.ErrnoException): void => resolve(error);
    server.once('error', failed);
    server.listen({ host, port, ipv6Only: true }, () => {
      server.off('error', failed);
      resolve(undefined);
    });
  });
}

function isMissing({ code }: NodeJS.ErrnoException): boolean {
  return code === 'EADDRNOTAVAIL' || code === 'EAFNOSUPPORT';
}

function toAppError(error: NodeJS.ErrnoException, address: string, port: number): Error {
  if (error.code === 'EADDRINUSE' || error.code === 'EACCES') {
    const holder = { pid: undefined, program: undefined };
    return fail('gateway/port-taken', { port, holder, suggestedPort: undefined }, error);
  }
  return isMissing(error) ? fail('gateway/address-unavailable', { address }, error) : error;
}
