import type { Clock } from '../platform/ports.ts';
import type { Channel } from './link.ts';

interface Spare {
  readonly channel: Channel;
  readonly sinceMs: number;
  /** Stops watching it. */
  readonly release: () => void;
}

/** A client opens its connections in pairs: the page and what it loads, the calls and the events. */
const MOST = 2;
/** Servers wait a minute for a request (Node, nginx). A spare is normally replaced long before. */
const STALE_MS = 30_000;

/**
 * Channels that are open before anybody asks, for a server far away: a new connection then costs one round trip instead
 * of two. To the far port each is a connection that says nothing yet, so a newer one takes the place of the oldest.
 */
export class SpareChannels {
  readonly #clock: Clock;
  #spares: readonly Spare[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get isFull(): boolean {
    return this.#spares.length >= MOST;
  }

  /** Owns `channel` until it is taken. */
  keep(channel: Channel): void {
    const [oldest] = this.#spares;
    if (this.isFull && oldest) this.#drop(oldest);
    const drop = () => this.#drop(spare);
    const spare: Spare = {
      channel,
      sinceMs: this.#clock.now(),
      release: () => void channel.off('readable', drop).off('close', drop),
    };
    // Whoever speaks unasked either says good-bye or greets, and a greeting must not be an old one.
    channel.on('readable', drop).on('close', drop);
    this.#spares = [...this.#spares, spare];
  }

  /** The newest: the far side has waited for it the least. */
  take(): Channel | undefined {
    for (;;) {
      const spare = this.#spares.at(-1);
      if (!spare) return undefined;
      if (this.#clock.now() - spare.sinceMs > STALE_MS) this.#drop(spare);
      else {
        this.#forget(spare);
        return spare.channel;
      }
    }
  }

  clear(): void {
    for (const spare of this.#spares) this.#drop(spare);
  }

  #drop(spare: Spare): void {
    this.#forget(spare);
    end(spare.channel);
  }

  #forget(spare: Spare): void {
    spare.release();
    this.#spares = this.#spares.filter((other) => other !== spare);
  }
}

/** Closes a channel that nobody has used. */
export function end(channel: Channel): void {
  channel.resume();
  channel.end();
  channel.close();
}
