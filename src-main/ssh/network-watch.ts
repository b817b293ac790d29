import type { Clock } from '../platform/ports.ts';
import { onPulse } from '../platform/pulse.ts';

type ReadAddresses = () => readonly string[];

interface Watch {
  readonly audience: Set<() => void>;
  readonly stop: () => void;
}

/** Who reads the addresses in the same way shares one look: it is a good part of what an idle link costs. */
const watches = new WeakMap<ReadAddresses, Watch>();

/**
 * Calls `onChange` when the addresses of this computer are others than before: another network, a cable, a VPN.
 * No operating system tells a Node program of that, so they are looked at twice a second. The returned function ends the
 * watch.
 */
export function watchNetwork(clock: Clock, readAddresses: ReadAddresses, onChange: () => void): () => void {
  const { audience, stop } = watches.get(readAddresses) ?? startWatch(clock, readAddresses);
  const own = (): void => onChange();
  audience.add(own);
  return () => {
    if (!audience.delete(own) || audience.size > 0) return;
    watches.delete(readAddresses);
    stop();
  };
}

function startWatch(clock: Clock, readAddresses: ReadAddresses): Watch {
  const audience = new Set<() => void>();
  let known = signature(readAddresses());
  const stop = onPulse(clock, () => {
    const now = signature(readAddresses());
    if (now === known) return;
    known = now;
    for (const tell of audience) tell();
  });
  const watch = { audience, stop };
  watches.set(readAddresses, watch);
  return watch;
}

function signature(addresses: readonly string[]): string {
  return addresses.toSorted().join(' ');
}
