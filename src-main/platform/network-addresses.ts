import { networkInterfaces } from 'node:os';

/** Every address that this computer has right now, loopback included. */
export function readNetworkAddresses(): readonly string[] {
  return Object.values(networkInterfaces()).flatMap((list) => list?.map(({ address }) => address) ?? []);
}
