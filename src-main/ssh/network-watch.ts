import type { Clock } from '../platform/ports.ts';

const LOOK_EVERY_MS = 500;

/**
 * Calls `onChange` when the addresses of this computer are others than before: another network, a cable, a VPN.
 * No operating system tells a Node program of that, so they are looked at. The returned function ends the watch.
 */
export function watchNetwork(clock: Clock, readAddresses: () => readonly string[], onChange: () => void): () => void {
  let known = signature(readAddresses());
  let stop = () => {};
  const look = () => {
    stop = clock.after(LOOK_EVERY_MS, () => {
      const now = signature(readAddresses());
      const isOther = now !== known;
      known = now;
      look();
      if (isOther) onChange();
    });
  };
  look();
  return () => stop();
}

function signature(addresses: readonly string[]): string {
  return addresses.toSorted().join(' ');
}
