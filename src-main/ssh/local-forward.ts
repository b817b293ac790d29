import { createServer, type Server, type Socket } from 'node:net';

import { AppError, fail } from '../contract/errors.ts';
import type { Clock, Logger } from '../platform/ports.ts';
import { readAhead, type Early } from './held-client.ts';
import type { ChannelSource } from './link.ts';
import { splice } from './splice.ts';

export interface LocalForwardOptions {
  /** 0 lets the system choose. */
  readonly port: number;
  readonly clock: Clock;
  readonly log: Logger;
  /** A connection could not be carried although the line seemed well, or waits too long for it. */
  readonly onTrouble: () => void;
}

interface Waiting {
  readonly socket: Socket;
  readonly stopTimer: () => void;
  /** Of one that was held: ends the reading, and hands over what it has sent. */
  takeEarly?: () => Early;
}

interface Opening {
  readonly source: ChannelSource;
  readonly callBack: () => void;
}

const HOLD_MS = 30_000;
const MAX_HELD = 256;
/** The first answers come back while others are still being sent: measured, with 80 held, after 50 ms instead of 80. */
const RELEASED_AT_ONCE = 8;
/** A channel that takes longer than this to open is worth a question whether the line is still there. */
const SLOW_OPEN_MS = 1_000;

/**
 * Listens on the loopback addresses and carries every connection through the line that is attached. Without one,
 * connections are held for a while: the client sees a delay instead of an error.
 */
export class LocalForward {
  readonly #options: LocalForwardOptions;
  /** Every open connection, and how to end its timer. */
  readonly #connections = new Map<Socket, () => void>();
  #servers: readonly Server[] = [];
  #held: readonly Waiting[] = [];
  #source: ChannelSource | undefined;
  /** Those whose channel is being opened; they are called back when their line is replaced. */
  readonly #openings = new Set<Opening>();
  #isRefusing = false;

  private constructor(options: LocalForwardOptions) {
    this.#options = options;
  }

  /** @throws AppError `gateway/port-taken`, `gateway/address-unavailable` */
  static async open(options: LocalForwardOptions): Promise<LocalForward> {
    const forward = new LocalForward(options);
    const first = await forward.#listen('127.0.0.1', options.port);
    forward.#servers = [first];
    const port = portOf(first);
    try {
      forward.#servers = [first, await forward.#listen('::1', port)];
    } catch (error) {
      // No IPv6 here, or another program has this one address: IPv4 alone will do.
      options.log.debug('not listening on ::1', { port, error });
    }
    return forward;
  }

  get port(): number {
    const [server] = this.#servers;
    return server ? portOf(server) : this.#options.port;
  }

  /** Connections that wait for the line. */
  get held(): number {
    return this.#held.length;
  }

  /** Sends what is held and what comes through `source`. */
  attach(source: ChannelSource): void {
    this.#isRefusing = false;
    this.#source = source;
    for (const opening of this.#openings) if (opening.source !== source) opening.callBack();
    this.#release(this.#held, source);
  }

  /** Those whose turn has not come are still held: if this line goes first, the next one has them. */
  #release(waiting: readonly Waiting[], source: ChannelSource): void {
    if (this.#source !== source) return;
    const next = waiting.slice(0, RELEASED_AT_ONCE).filter((one) => this.#held.includes(one));
    this.#held = this.#held.filter((one) => !next.includes(one));
    for (const one of next) void this.#carry(one, source);
    if (waiting.length <= RELEASED_AT_ONCE) return;
    setImmediate(() => this.#release(waiting.slice(RELEASED_AT_ONCE), source));
  }

  /** Holds new connections from now on; those that run are left to their channels. */
  hold(): void {
    this.#isRefusing = false;
    this.#source = undefined;
  }

  /** Closes what is held and what comes at once: waiting would not help. */
  refuse(): void {
    this.#isRefusing = true;
    this.#source = undefined;
    const waiting = this.#held;
    this.#held = [];
    for (const one of waiting) dismiss(one);
  }

  /** Resolves when no listener and no connection is left. */
  async close(): Promise<void> {
    this.refuse();
    const closed = this.#servers.map((server) => new Promise((resolve) => server.close(resolve)));
    for (const [socket, stopTimer] of this.#connections) {
      stopTimer();
      socket.destroy();
    }
    await Promise.all(closed);
  }

  #listen(address: string, port: number): Promise<Server> {
    const server = createServer({ allowHalfOpen: true, noDelay: true, pauseOnConnect: true }, (socket) =>
      this.#accept(socket),
    );
    return new Promise((resolve, reject) => {
      server.once('error', (error) => reject(toListenFailure(error, address, port)));
      server.listen({ host: address, port, ipv6Only: true, exclusive: true }, () => resolve(server));
    });
  }

  #accept(socket: Socket): void {
    // Stays for the life of the socket: an unhandled 'error' would end the process.
    socket.on('error', () => {});
    const waiting: Waiting = {
      socket,
      stopTimer: this.#options.clock.after(HOLD_MS, () => this.#expire(waiting)),
    };
    this.#connections.set(socket, waiting.stopTimer);
    socket.once('close', () => {
      this.#connections.delete(socket);
      this.#forget(waiting);
    });
    if (this.#isRefusing) dismiss(waiting);
    else if (this.#source) void this.#carry(waiting, this.#source);
    else this.#hold(waiting);
  }

  #hold(waiting: Waiting): void {
    if (waiting.socket.destroyed || waiting.socket.writableEnded) return;
    if (this.#held.length >= MAX_HELD) return dismiss(waiting);
    this.#held = [...this.#held, waiting];
    waiting.takeEarly ??= readAhead(waiting.socket, () => this.#expire(waiting));
  }

  #forget(waiting: Waiting): void {
    waiting.stopTimer();
    this.#held = this.#held.filter((other) => other !== waiting);
  }

  #expire(waiting: Waiting): void {
    this.#forget(waiting);
    dismiss(waiting);
  }

  async #carry(waiting: Waiting, source: ChannelSource): Promise<void> {
    const { socket } = waiting;
    const { clock, onTrouble } = this.#options;
    const stopTimer = clock.after(SLOW_OPEN_MS, onTrouble);
    const calledBack = Promise.withResolvers<undefined>();
    const opening: Opening = { source, callBack: () => calledBack.resolve(undefined) };
    this.#openings.add(opening);
    try {
      const opened = source.openChannel({
        address: socket.remoteAddress ?? '127.0.0.1',
        port: socket.remotePort ?? 0,
      });
      const channel = await Promise.race([opened, calledBack.promise]);
      if (!channel) {
        // It may be opened after all; nobody is there for it any more.
        opened.then((late) => late.close()).catch(() => {});
        return this.#carryAnew(waiting, source);
      }
      waiting.stopTimer();
      // It may have been dismissed, or have left, while the channel was being opened.
      if (socket.destroyed || socket.writableEnded) channel.close();
      else splice(socket, channel, { source, clock, early: waiting.takeEarly?.() });
    } catch (error) {
      this.#retry(waiting, source, error);
    } finally {
      stopTimer();
      this.#openings.delete(opening);
    }
  }

  // Nothing of what the client sent has gone out yet, so it can wait for a better line without noticing.
  #retry(waiting: Waiting, source: ChannelSource, error: unknown): void {
    const isProhibited = error instanceof AppError && error.info.code === 'ssh/forward-prohibited';
    if (isProhibited) dismiss(waiting);
    else this.#carryAnew(waiting, source);
    this.#options.onTrouble();
  }

  #carryAnew(waiting: Waiting, failed: ChannelSource): void {
    if (this.#isRefusing) dismiss(waiting);
    else if (this.#source && this.#source !== failed) void this.#carry(waiting, this.#source);
    else this.#hold(waiting);
  }
}

/** A clean end, with what the client still sends thrown away. */
function dismiss({ socket, stopTimer, takeEarly }: Waiting): void {
  stopTimer();
  takeEarly?.();
  socket.resume();
  socket.end(() => socket.destroy());
}

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

function toListenFailure(error: NodeJS.ErrnoException, address: string, port: number): AppError {
  if (error.code !== 'EADDRINUSE') return fail('gateway/address-unavailable', { address: `${address}:${port}` }, error);
  const holder = { pid: undefined, program: undefined };
  return fail('gateway/port-taken', { port, holder, suggestedPort: undefined }, error);
}
