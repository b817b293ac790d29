import type { Clock } from '../platform/ports.ts';
import { repeat } from './repeat.ts';
import { watchForWake } from './wake-watch.ts';

export interface TunnelWatchesOptions {
  readonly clock: Clock;
  readonly probeEveryMs: number;
  readonly probe: () => Promise<void>;
  readonly onWake: () => void;
}

/** The two clocks of a tunnel: regular probes of a line that is up, and a look-out for a computer that slept. */
export class TunnelWatches {
  readonly #options: TunnelWatchesOptions;
  #stopProbing: (() => void) | undefined;
  #stopWakeWatch: (() => void) | undefined;

  constructor(options: TunnelWatchesOptions) {
    this.#options = options;
  }

  /** What runs already and is still wanted keeps its rhythm. */
  set(wanted: { readonly probing: boolean; readonly wakeWatch: boolean }): void {
    const { clock, probeEveryMs, probe, onWake } = this.#options;
    if (wanted.probing) this.#stopProbing ??= repeat(clock, probeEveryMs, probe);
    else this.#stopProbing = stop(this.#stopProbing);
    if (wanted.wakeWatch) this.#stopWakeWatch ??= watchForWake(clock, onWake);
    else this.#stopWakeWatch = stop(this.#stopWakeWatch);
  }
}

function stop(running: (() => void) | undefined): undefined {
  running?.();
}
