import type { Clock } from '../platform/ports.ts';
import { watchForWake } from '../platform/wake-watch.ts';
import { PROBE_EVERY_MS } from './line-questions.ts';
import { watchNetwork } from './network-watch.ts';
import { repeat } from './repeat.ts';

export interface TunnelWatchesOptions {
  readonly clock: Clock;
  readonly probe: () => Promise<void>;
  readonly onWake: (sleptMs: number) => void;
  readonly readAddresses: () => readonly string[];
  readonly onNetworkChange: () => void;
}

/** The watches of a tunnel: regular probes of a line that is up, and a look-out for sleep and for another network. */
export class TunnelWatches {
  readonly #options: TunnelWatchesOptions;
  #stopProbing: (() => void) | undefined;
  #stopWakeWatch: (() => void) | undefined;
  #stopNetworkWatch: (() => void) | undefined;

  constructor(options: TunnelWatchesOptions) {
    this.#options = options;
  }

  /** What runs already and is still wanted keeps its rhythm. */
  set(wanted: { readonly probing: boolean; readonly lookOut: boolean }): void {
    const { clock, probe, onWake, readAddresses, onNetworkChange } = this.#options;
    if (wanted.probing) this.#stopProbing ??= repeat(clock, PROBE_EVERY_MS, probe);
    else this.#stopProbing = stop(this.#stopProbing);
    if (wanted.lookOut) {
      this.#stopWakeWatch ??= watchForWake(clock, onWake);
      this.#stopNetworkWatch ??= watchNetwork(clock, readAddresses, onNetworkChange);
      return;
    }
    this.#stopWakeWatch = stop(this.#stopWakeWatch);
    this.#stopNetworkWatch = stop(this.#stopNetworkWatch);
  }
}

function stop(running: (() => void) | undefined): undefined {
  running?.();
}
