import type { Client } from 'ssh2';

import { fail, type AppError } from '../contract/errors.ts';
import type { Clock } from '../platform/ports.ts';
import type { Channel, ChannelSource, Link, LinkDescription, LinkProbe } from './link.ts';
import { ReceiveWindow } from './receive-window.ts';
import { addressText, type RemoteAddress } from './remote-address.ts';
import { runRemotely, type RemoteRun, type RemoteRunLimits } from './remote-run.ts';
import { SpareChannels } from './spare-channels.ts';
import { isServerAnswer, toForwardFailure } from './ssh-failure.ts';
import type { Wire } from './wire.ts';

export interface SshConnectionOptions {
  readonly client: Client;
  readonly socket: Wire;
  /** The connection to the jump host that carries this one; it is closed with it. */
  readonly below: SshConnection | undefined;
  readonly description: LinkDescription;
  /** Where forwarded connections go, as the server sees it. */
  readonly remote: RemoteAddress;
  readonly clock: Clock;
}

type Origin = Parameters<Link['openChannel']>[0];

/** ssh2 ignores a full socket; above this the senders are paused, so that a stalled line costs little memory. */
const CONGESTED_BYTES = 256 * 1024;
const CLOSE_TIMEOUT_MS = 250;
/** From this round trip on, milliseconds, channels are kept in reserve. */
const FAR_MS = 20;
const WINDOW_BUDGET_BYTES = 64 * 1024 * 1024;

/** A signed-in SSH connection whose channels all lead to one remote port. Owns the socket. */
export class SshConnection implements Link {
  readonly description: LinkDescription;
  readonly lost: Promise<AppError>;
  readonly #options: SshConnectionOptions;
  readonly #address: string;
  readonly #closed: Promise<void>;
  readonly #spares: SpareChannels;
  readonly #windowBudget = { bytesLeft: WINDOW_BUDGET_BYTES };
  #isAlive = true;
  /** The shortest that was measured: what is beyond it was spent in queues. */
  #roundTripMs: number | undefined;
  #drained: (() => void)[] = [];

  constructor(options: SshConnectionOptions) {
    const { client, socket, below, description, remote } = options;
    this.#options = options;
    this.description = description;
    this.#address = addressText(remote);
    const socketClosed = new Promise<void>((resolve) => {
      if (socket.closed) resolve();
      else socket.once('close', () => resolve());
    });
    this.#spares = new SpareChannels({
      open: () => this.#open(this.#options.remote, { address: '127.0.0.1', port: 0 }),
      isFresh: (channel) => channel.readableLength === 0 && isOpenBothWays(channel),
      clock: options.clock,
    });
    this.#closed = socketClosed.then(() => below?.close());
    this.lost = new Promise((resolve) => {
      const lose = (cause?: unknown) => {
        this.#isAlive = false;
        this.#spares.end();
        this.#drain();
        resolve(fail('ssh/connection-lost', { host: description.host }, cause));
      };
      client.on('error', lose);
      client.once('end', () => lose());
      client.once('close', () => lose());
      if (socket.destroyed) lose();
    });
    socket.on('drain', () => this.#drain());
  }

  get isAlive(): boolean {
    return this.#isAlive;
  }

  get localAddress(): string | undefined {
    return this.#options.socket.localAddress;
  }

  get isCongested(): boolean {
    return this.#options.socket.writableLength > CONGESTED_BYTES;
  }

  whenDrained(task: () => void): void {
    if (this.#isAlive && this.isCongested) this.#drained.push(task);
    else task();
  }

  #drain(): void {
    const tasks = this.#drained;
    this.#drained = [];
    for (const task of tasks) task();
  }

  async openChannel(origin: Origin): Promise<Channel> {
    const { remote } = this.#options;
    const isFar = (this.#roundTripMs ?? 0) >= FAR_MS;
    const channel = (isFar ? this.#spares.take() : undefined) ?? (await this.#open(remote, origin));
    if (isFar) this.#spares.refill();
    return channel;
  }

  toward(remote: RemoteAddress): ChannelSource {
    const isAlive = (): boolean => this.#isAlive;
    const isCongested = (): boolean => this.isCongested;
    return {
      get isAlive() {
        return isAlive();
      },
      get isCongested() {
        return isCongested();
      },
      whenDrained: (task) => this.whenDrained(task),
      openChannel: (origin) => this.#open(remote, origin),
    };
  }

  #open(remote: RemoteAddress, origin: Origin): Promise<Channel> {
    const { client, description } = this.#options;
    const where = { name: description.host, address: addressText(remote) };
    return new Promise((resolve, reject) => {
      try {
        client.forwardOut(origin.address, origin.port, remote.host, remote.port, (error, channel) => {
          if (error) return reject(toForwardFailure(error, where));
          // Nothing but the 'close' that follows is of interest, yet unhandled it would end the process.
          channel.on('error', () => {});
          resolve(this.#watchWindow(channel));
        });
      } catch (error) {
        // Thrown, not called back, when the socket is already gone.
        reject(toForwardFailure(error, where));
      }
    });
  }

  /** Widens the window of a channel as far as it helps, and ends the connection of a server that ignores it. */
  #watchWindow(channel: Channel): Channel {
    const { client, socket } = this.#options;
    const window = ReceiveWindow.of(channel, {
      client,
      budget: this.#windowBudget,
      roundTripMs: () => this.#roundTripMs,
      nowMs: () => performance.now(),
    });
    if (window === undefined) return channel;
    // ssh2 keeps whatever comes (mscdex/ssh2#1505).
    const push = channel.push.bind(channel);
    channel.push = (...piece: Parameters<Channel['push']>) => {
      if (window.isOverrun) socket.destroy();
      return push(...piece);
    };
    return Object.assign(channel, { consumed: (bytes: number) => window.consumed(bytes) });
  }

  async probe(limitMs: number, onSign: () => void = () => {}): Promise<LinkProbe> {
    const { host } = this.description;
    const isFlowing = this.watchFlow();
    const sshMs = await this.#measureSsh(limitMs);
    if (sshMs !== undefined) this.#roundTripMs = Math.min(sshMs, this.#roundTripMs ?? sshMs);
    // Bulk data may hold the answers up.
    const silent = (problem: AppError, flows: boolean): LinkProbe => {
      return { sshMs, forwardMs: undefined, problem: flows ? undefined : problem, isCertain: false };
    };
    if (sshMs === undefined) return silent(fail('ssh/connection-lost', { host }), isFlowing());
    // One after the other: sshd leaves Nagle's algorithm on, so a second answer in a row would wait for our
    // delayed acknowledgement of the first, and the figure would be 40 ms too high.
    onSign();
    const stillFlows = this.watchFlow();
    const forward = await this.#measureForward(limitMs);
    if (forward === undefined)
      return silent(fail('ssh/forward-refused', { host, address: this.#address }), stillFlows());
    if (typeof forward === 'number') return { sshMs, forwardMs: forward, problem: undefined, isCertain: true };
    return { sshMs, forwardMs: undefined, problem: forward, isCertain: true };
  }

  /**
   * Whether the server has given a sign of life since the call: any byte that came, or, where more waits to be sent than
   * the kernel takes, that it took some, which it only does for what the other side has acknowledged. An upload over a
   * slow path fills that queue with seconds of data; what is asked and the credit for downloads wait behind it.
   */
  watchFlow(): () => boolean {
    const { socket } = this.#options;
    const readBefore = socket.bytesRead;
    const sentBefore = socket.writableLength > 0 ? this.sentBytes : Number.POSITIVE_INFINITY;
    return () => socket.bytesRead > readBefore || this.sentBytes > sentBefore;
  }

  /** What the kernel has been given to send. */
  get sentBytes(): number {
    const { socket, below } = this.#options;
    return below?.sentBytes ?? (socket.bytesWritten ?? 0) - socket.writableLength;
  }

  // A global request, which every server answers: it declines it, having no such forward.
  #measureSsh(limitMs: number): Promise<number | undefined> {
    return this.#within<number>(limitMs, (resolve) => {
      const startMs = performance.now();
      try {
        this.#options.client.unforwardIn('127.0.0.1', 1, (error) =>
          resolve(isServerAnswer(error) ? sinceMs(startMs) : undefined),
        );
      } catch {
        resolve(undefined);
      }
    });
  }

  #measureForward(limitMs: number): Promise<number | AppError | undefined> {
    return this.#within<number | AppError>(limitMs, (resolve) => {
      const startMs = performance.now();
      this.#open(this.#options.remote, { address: '127.0.0.1', port: 0 }).then(
        (channel) => {
          resolve(sinceMs(startMs));
          channel.resume();
          channel.end();
          channel.close();
        },
        (error: AppError) => resolve(error),
      );
    });
  }

  #within<T>(limitMs: number, start: (resolve: (value: T | undefined) => void) => void): Promise<T | undefined> {
    return new Promise((resolve) => {
      const stopTimer = this.#options.clock.after(limitMs, () => resolve(undefined));
      start((value) => {
        stopTimer();
        resolve(value);
      });
    });
  }

  run(command: string, limits: RemoteRunLimits): Promise<RemoteRun> {
    const { client, clock } = this.#options;
    return runRemotely(client, command, { ...limits, clock });
  }

  async close(): Promise<void> {
    const { client, socket, clock } = this.#options;
    client.end();
    const stopTimer = clock.after(CLOSE_TIMEOUT_MS, () => socket.destroy());
    await this.#closed;
    stopTimer();
  }
}

/** As ssh2 1.17 keeps it in private; where it does not, no channel counts as good enough to be a spare. */
function isOpenBothWays(channel: Channel): boolean {
  const { incoming } = channel as { readonly incoming?: { readonly state?: string } };
  return incoming?.state === 'open';
}

/** Milliseconds to a tenth. */
function sinceMs(startMs: number): number {
  return Math.round((performance.now() - startMs) * 10) / 10;
}
