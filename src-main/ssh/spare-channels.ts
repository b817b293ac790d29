import type { Clock } from '../platform/ports.ts';
import type { Channel } from './link.ts';

export interface SpareChannelsOptions {
  /** Opens one more. */
  readonly open: () => Promise<Channel>;
  /** The server has neither said anything on it nor closed it. */
  readonly isFresh: (channel: Channel) => boolean;
  readonly clock: Clock;
}

interface Spare {
  readonly channel: Channel;
  readonly stopTimer: () => void;
}

const SPARES = 2;
/** A page asks for its parts within seconds; a server may count a connection that says nothing for longer as an attack. */
const KEEP_MS = 10_000;

/**
 * Channels opened ahead of use, for servers far away: a connection that finds one spares itself a round trip. They
 * follow the use: a channel that was asked for is the sign that more will be.
 */
export class SpareChannels {
  readonly #options: SpareChannelsOptions;
  readonly #spares = new Set<Spare>();
  #opening = 0;
  #isOver = false;

  constructor(options: SpareChannelsOptions) {
    this.#options = options;
  }

  /** One that is as good as new, if there is. */
  take(): Channel | undefined {
    for (const spare of this.#spares) {
      this.#forget(spare);
      if (this.#options.isFresh(spare.channel)) return spare.channel;
      // A server that hangs up on a connection that says nothing.
      dismiss(spare.channel);
    }
    return undefined;
  }

  refill(): void {
    while (!this.#isOver && this.#spares.size + this.#opening < SPARES) {
      this.#opening += 1;
      void this.#options.open().then(
        (channel) => this.#opened(channel),
        // Whoever really needs a channel is told why there is none.
        () => (this.#opening -= 1),
      );
    }
  }

  /** None is opened any more; those that are open go with their connection. */
  end(): void {
    this.#isOver = true;
    for (const spare of this.#spares) this.#forget(spare);
  }

  #opened(channel: Channel): void {
    this.#opening -= 1;
    if (this.#isOver) return channel.close();
    const stopTimer = this.#options.clock.after(KEEP_MS, () => {
      this.#forget(spare);
      dismiss(channel);
    });
    const spare: Spare = { channel, stopTimer };
    this.#spares.add(spare);
    channel.once('close', () => this.#forget(spare));
  }

  #forget(spare: Spare): void {
    spare.stopTimer();
    this.#spares.delete(spare);
  }
}

function dismiss(channel: Channel): void {
  channel.resume();
  channel.end();
  channel.close();
}
