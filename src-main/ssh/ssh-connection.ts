import type { Client } from 'ssh2';

import { fail, type AppError } from '../contract/errors.ts';
import type { Clock } from '../platform/ports.ts';
import { whyProhibited } from './expired-password.ts';
import type { Channel, ChannelSource, Link, LinkDescription, LinkProbe } from './link.ts';
import { manageReceiveWindow, WindowBudget } from './receive-window.ts';
import { addressText, type RemoteAddress } from './remote-address.ts';
import { runRemotely, type RemoteRun, type RemoteRunLimits } from './remote-run.ts';
import { end, SpareChannels } from './spare-channels.ts';
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
const PROBE_ORIGIN: Origin = { address: '127.0.0.1', port: 0 };

/** ssh2 ignores a full socket; above this the senders are paused, so that a stalled line costs little memory. */
const CONGESTED_BYTES = 256 * 1024;
/** Senders that go on together when the queue is empty; all at once they would fill it many times over. */
const RESUMED_AT_ONCE = 4;
const CLOSE_TIMEOUT_MS = 250;
/** From here on a new connection is worth a spare channel; nearer, the far port should see no connection in vain. */
const FAR_MS = 20;
/** A spare that is used on a line just gone takes its client with it; without one, the client waits for the next line. */
const HEARD_LATELY_MS = 2_000;

/** A signed-in SSH connection whose channels all lead to one remote port. Owns the socket. */
export class SshConnection implements Link {
  readonly description: LinkDescription;
  readonly lost: Promise<AppError>;
  readonly #options: SshConnectionOptions;
  readonly #address: string;
  readonly #closed: Promise<void>;
  readonly #spares: SpareChannels;
  readonly #windowBudget = new WindowBudget();
  #isAlive = true;
  /** The shortest that was measured: what is beyond it was spent in queues. */
  #roundTripMs: number | undefined;
  /** By the time of day, so that a sleep makes it long ago. */
  #heardAtMs = 0;
  /** Senders that wait, the longest first. */
  #drained: readonly (() => void)[] = [];

  constructor(options: SshConnectionOptions) {
    const { client, socket, below, description, remote } = options;
    this.#options = options;
    this.description = description;
    this.#address = addressText(remote);
    const socketClosed = new Promise<void>((resolve) => {
      if (socket.closed) resolve();
      else socket.once('close', () => resolve());
    });
    this.#spares = new SpareChannels(options.clock);
    this.#closed = socketClosed.then(() => below?.close());
    this.lost = new Promise((resolve) => {
      const lose = (cause?: unknown) => {
        this.#isAlive = false;
        this.#spares.clear();
        this.#drain();
        resolve(fail('ssh/connection-lost', { host: description.host }, cause));
      };
      client.on('error', lose);
      client.once('end', () => lose());
      client.once('close', () => lose());
      if (socket.destroyed) lose();
    });
    socket.on('data', () => (this.#heardAtMs = options.clock.now()));
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
    if (this.#isAlive && this.isCongested) this.#drained = [...this.#drained, task];
    else task();
  }

  #drain(): void {
    const tasks = this.#drained.slice(0, RESUMED_AT_ONCE);
    this.#drained = this.#drained.slice(RESUMED_AT_ONCE);
    for (const task of tasks) task();
    if (this.#drained.length === 0) return;
    // Those may have nothing to send, and then no 'drain' would follow.
    setImmediate(() => {
      if (!this.#isAlive || !this.isCongested) this.#drain();
    });
  }

  async openChannel(origin: Origin): Promise<Channel> {
    const { remote, clock } = this.#options;
    const isSure = this.#isAlive && clock.now() - this.#heardAtMs <= HEARD_LATELY_MS;
    const spare = isSure ? this.#spares.take() : undefined;
    if (!spare) return this.#open(remote, origin);
    this.#open(remote, PROBE_ORIGIN).then(
      (channel) => this.#keepOrEnd(channel),
      // Whoever needs one opens it, and is told.
      () => undefined,
    );
    return spare;
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
    const startMs = performance.now();
    return new Promise((resolve, reject) => {
      try {
        client.forwardOut(origin.address, origin.port, remote.host, remote.port, (error, channel) => {
          if (error) return reject(toForwardFailure(error, where));
          // A line that only leads on to another host is never probed.
          this.#roundTripMs ??= performance.now() - startMs;
          // Nothing but the 'close' that follows is of interest, yet unhandled it would end the process.
          channel.on('error', () => {});
          this.#manageWindow(channel);
          resolve(channel);
        });
      } catch (error) {
        // Thrown, not called back, when the socket is already gone.
        reject(toForwardFailure(error, where));
      }
    });
  }

  #manageWindow(channel: Channel): void {
    const { client, socket, description } = this.#options;
    manageReceiveWindow(channel, {
      client,
      budget: this.#windowBudget,
      readRttMs: () => this.#roundTripMs,
      now: () => performance.now(),
      onOverflow: () => socket.destroy(fail('ssh/connection-lost', { host: description.host })),
    });
  }

  #keepOrEnd(channel: Channel): void {
    if (this.#isAlive && (this.#roundTripMs ?? 0) >= FAR_MS) return this.#spares.keep(channel);
    end(channel);
    // The first answers may have been late for another reason than the distance.
    this.#spares.clear();
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
    const isProhibited = forward.info.code === 'ssh/forward-prohibited';
    const problem = isProhibited ? await whyProhibited(forward, this, limitMs) : forward;
    return { sshMs, forwardMs: undefined, problem, isCertain: true };
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
      this.#open(this.#options.remote, PROBE_ORIGIN).then(
        (channel) => {
          resolve(sinceMs(startMs));
          this.#keepOrEnd(channel);
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

/** Milliseconds to a tenth. */
function sinceMs(startMs: number): number {
  return Math.round((performance.now() - startMs) * 10) / 10;
}
