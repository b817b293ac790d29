import type { Client } from 'ssh2';

import type { Channel } from './link.ts';

/** The private parts of a channel of ssh2 1.17 that deal with what comes in. */
interface ChannelParts {
  readonly incoming?: { window?: unknown };
  readonly outgoing?: { readonly id?: unknown; readonly state?: unknown };
  readonly stderr?: { push: (chunk: Buffer | null) => boolean };
}

interface Protocol {
  readonly channelWindowAdjust?: (channel: number, bytes: number) => void;
}

export interface ReceiveWindowOptions {
  readonly client: Client;
  /** What all windows of a connection may have above what each starts with. */
  readonly budget: WindowBudget;
  /** To the server and back, milliseconds, without queues; `undefined` while unknown. */
  readonly readRttMs: () => number | undefined;
  /** A clock that only goes forward, milliseconds. */
  readonly now: () => number;
  /** The server has sent far more than it was allowed to; nothing of it is kept. */
  readonly onOverflow: () => void;
}

const KIB = 1024;
const MIB = 1024 * KIB;
/** What ssh2 allows the server as it opens a channel. */
const FIRST_BYTES = 2 * MIB;
const MOST_BYTES = 16 * MIB;
const SHARED_BYTES = 64 * MIB;
/** Nearer than this, half of 2 MiB covers the way of a gigabit line; from here on credit is due in small portions. */
const FAR_MS = 10;
/** How many round trips of data a window has room for. */
const HEADROOM = 3;
/** A reader that always has more than this before it lags behind. */
const LAG_BYTES = 512 * KIB;
/** OpenSSH's own grace for a server that counts wrongly. */
const GRACE = 1 / 10;

/** Bounds what the windows of one connection can grow to together. */
export class WindowBudget {
  #leftBytes = SHARED_BYTES;

  /** Returns how much of `bytes` there is. */
  take(bytes: number): number {
    const taken = Math.min(bytes, this.#leftBytes);
    this.#leftBytes -= taken;
    return taken;
  }

  give(bytes: number): void {
    this.#leftBytes += bytes;
  }
}

/**
 * Decides how much the server may send on a channel before it has to wait. ssh2 allows 2 MiB and renews it when half is
 * used, which over a distance is half of OpenSSH's speed. Here the window follows what the path carries in three round
 * trips, up to 16 MiB, and comes back to 2 MiB, the best size nearby: a larger one costs sshd dearly there.
 *
 * Credit is returned for what was read from the channel, so a reader that stands still costs one window. ssh2 itself
 * does not notice a server that sends more than it may (mscdex/ssh2#1505); here it is cut off.
 *
 * Without effect where ssh2 keeps these things elsewhere.
 */
export function manageReceiveWindow(channel: Channel, options: ReceiveWindowOptions): void {
  const { incoming, outgoing, stderr } = channel as unknown as ChannelParts;
  const { _protocol: protocol } = options.client as unknown as { readonly _protocol?: Protocol };
  if (incoming?.window !== FIRST_BYTES || typeof outgoing?.id !== 'number' || stderr === undefined) return;
  if (typeof protocol?.channelWindowAdjust !== 'function') return;
  const { id } = outgoing;
  // ssh2 neither counts down nor renews an endless window.
  incoming.window = Number.POSITIVE_INFINITY;
  const window = new ReceiveWindow(options, {
    isOpen: () => outgoing.state === 'open' || outgoing.state === 'eof',
    allow: (bytes) => protocol.channelWindowAdjust?.(id, bytes),
  });
  hook(channel, stderr, window);
}

function hook(channel: Channel, stderr: NonNullable<ChannelParts['stderr']>, window: ReceiveWindow): void {
  const push = channel.push.bind(channel);
  channel.push = (chunk: Buffer | null, encoding?: BufferEncoding): boolean => {
    if (chunk === null) return push(chunk, encoding);
    if (!window.received(chunk.length)) return false;
    const isWanted = push(chunk, encoding);
    window.settle(channel.readableLength);
    return isWanted;
  };
  const read = channel.read.bind(channel);
  channel.read = (size?: number): unknown => {
    const chunk: unknown = read(size);
    if (chunk !== null) window.settle(channel.readableLength);
    return chunk;
  };
  // Forwarded connections have no second stream; nobody would read it.
  const pushError = stderr.push.bind(stderr);
  stderr.push = (chunk) => (chunk === null ? pushError(null) : window.received(chunk.length));
  channel.once('close', () => window.close());
}

class ReceiveWindow {
  readonly #options: ReceiveWindowOptions;
  readonly #server: { readonly isOpen: () => boolean; readonly allow: (bytes: number) => void };
  #sizeBytes = FIRST_BYTES;
  /** What the server may still send. */
  #leftBytes = FIRST_BYTES;
  #measuredBytes = 0;
  #measuredSinceMs: number;
  /** What waited to be read all the while. */
  #waitedBytes = Number.POSITIVE_INFINITY;

  constructor(
    options: ReceiveWindowOptions,
    server: { readonly isOpen: () => boolean; readonly allow: (bytes: number) => void },
  ) {
    this.#options = options;
    this.#server = server;
    this.#measuredSinceMs = options.now();
  }

  /** Whether the server was allowed to send this. */
  received(bytes: number): boolean {
    this.#leftBytes -= bytes;
    this.#measuredBytes += bytes;
    if (this.#leftBytes >= -this.#sizeBytes * GRACE) return true;
    this.#options.onOverflow();
    return false;
  }

  /** Renews the window for all that was received but `unreadBytes`. */
  settle(unreadBytes: number): void {
    const rttMs = this.#options.readRttMs() ?? 0;
    const isFar = rttMs >= FAR_MS;
    if (isFar) this.#fit(rttMs, unreadBytes);
    const due = this.#sizeBytes - this.#leftBytes - unreadBytes;
    if (due < this.#sizeBytes / (isFar ? 8 : 2) || !this.#server.isOpen()) return;
    this.#leftBytes += due;
    this.#server.allow(due);
  }

  close(): void {
    this.#resize(FIRST_BYTES);
  }

  // A server that is held up by the window makes it grow with each round trip, even where that takes twice as long as
  // the quickest; one that is not leaves it alone. Queues on the path do not count, or they would feed themselves.
  // Where our own reader is what is slow, more would only lie here; a burst that it has read by the next is no sign.
  #fit(rttMs: number, unreadBytes: number): void {
    this.#waitedBytes = Math.min(this.#waitedBytes, unreadBytes);
    const now = this.#options.now();
    const elapsedMs = now - this.#measuredSinceMs;
    if (elapsedMs < rttMs) return;
    const lags = this.#waitedBytes > LAG_BYTES;
    const wanted = lags ? this.#sizeBytes / 2 : (HEADROOM * this.#measuredBytes * rttMs) / elapsedMs;
    // Down in small steps otherwise: a pause does not tell what the path can carry.
    const lowest = lags ? FIRST_BYTES : Math.max(FIRST_BYTES, this.#sizeBytes - this.#sizeBytes / 8);
    this.#resize(Math.min(MOST_BYTES, Math.max(lowest, wanted)));
    this.#measuredBytes = 0;
    this.#waitedBytes = Number.POSITIVE_INFINITY;
    this.#measuredSinceMs = now;
  }

  #resize(bytes: number): void {
    const wanted = Math.floor(bytes) - this.#sizeBytes;
    if (wanted > 0) this.#sizeBytes += this.#options.budget.take(wanted);
    else {
      this.#options.budget.give(-wanted);
      this.#sizeBytes += wanted;
    }
  }
}
