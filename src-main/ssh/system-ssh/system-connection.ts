import { assertNever } from '../../contract/assert-never.ts';
import { fail, type AppError } from '../../contract/errors.ts';
import type { Clock, Companion } from '../../platform/ports.ts';
import type { Channel, ChannelSource, Link, LinkDescription, LinkProbe } from '../link.ts';
import { addressText, type RemoteAddress } from '../remote-address.ts';
import { InletQueue, type Opening } from './inlet-queue.ts';
import type { Inlet } from './inlets.ts';
import type { ChannelEvent } from './ssh-log.ts';
import type { SystemChannel } from './system-channel.ts';
import { toForwardRefusal } from './system-failure.ts';

export interface SystemConnectionOptions {
  readonly companion: Companion;
  readonly description: LinkDescription;
  /** Every remote address that can be reached; `openChannel` leads to the first. */
  readonly inlets: readonly { readonly remote: RemoteAddress; readonly inlet: Inlet }[];
  readonly clock: Clock;
}

/** A signed-in `ssh` of the system. Its forwards are our channels; what it tells about them comes as log events. */
export class SystemConnection implements Link {
  readonly description: LinkDescription;
  readonly lost: Promise<AppError>;
  /** `ssh` pauses each forwarded connection on its own. */
  readonly isCongested = false;
  /** Only `ssh` knows. */
  readonly localAddress = undefined;
  readonly #companion: Companion;
  readonly #clock: Clock;
  readonly #remote: RemoteAddress;
  readonly #inlets = new Map<string, InletQueue>();
  readonly #openings = new Map<number, Opening>();
  readonly #channels = new Map<number, SystemChannel>();
  #accepted: Opening | undefined;
  #isAlive = true;
  #bytesRead = 0;

  constructor({ companion, description, inlets, clock }: SystemConnectionOptions) {
    const [first] = inlets;
    if (!first) throw new TypeError('a connection without a forward is of no use');
    this.#remote = first.remote;
    this.#companion = companion;
    this.#clock = clock;
    this.description = description;
    for (const { remote, inlet } of inlets) {
      const onBytes = (count: number): void => void (this.#bytesRead += count);
      this.#inlets.set(keyOf(remote.host, remote.port), new InletQueue(inlet, remote, onBytes));
    }
    this.lost = companion.ended.then(({ error }) => {
      const reason = fail('ssh/connection-lost', { host: description.host }, error);
      this.#abandon(reason);
      return reason;
    });
  }

  get isAlive(): boolean {
    return this.#isAlive;
  }

  whenDrained(task: () => void): void {
    task();
  }

  onChannelEvent(event: ChannelEvent): void {
    switch (event.type) {
      case 'connection-accepted':
        this.#accepted = this.#inlets.get(keyOf(event.host, event.port))?.accept();
        return;
      case 'channel-created':
        if (this.#accepted) this.#openings.set(event.channel, this.#accepted);
        this.#accepted = undefined;
        return;
      case 'channel-opened':
        return this.#opened(event.channel);
      case 'channel-refused':
        return this.#refused(event.channel, event.reason);
      case 'channel-ended':
      case 'channel-closed':
        this.#channels.get(event.channel)?.farEndDone({ closed: event.type === 'channel-closed' });
        return;
      default:
        assertNever(event);
    }
  }

  openChannel(): Promise<Channel> {
    return this.#open(this.#remote);
  }

  toward(remote: RemoteAddress): ChannelSource {
    const isAlive = (): boolean => this.#isAlive;
    return {
      get isAlive() {
        return isAlive();
      },
      isCongested: false,
      whenDrained: (task) => task(),
      openChannel: () => this.#open(remote),
    };
  }

  /** `ssh` cannot be told to ask the server for a sign of life, so the SSH hop has no figure of its own. */
  async probe(limitMs: number): Promise<LinkProbe> {
    const bytesBefore = this.#bytesRead;
    const startMs = performance.now();
    const base = { sshMs: undefined, forwardMs: undefined };
    const silence = Promise.withResolvers<undefined>();
    const stopTimer = this.#clock.after(limitMs, () => silence.resolve(undefined));
    const closing = this.openChannel().then((channel) => channel.close());
    // It may fail after the time is up, when nobody waits any more.
    closing.catch(() => {});
    try {
      const isAnswered = await Promise.race([closing.then(() => true), silence.promise]);
      const forwardMs = Math.round((performance.now() - startMs) * 10) / 10;
      if (isAnswered) return { ...base, forwardMs, problem: undefined, isCertain: true };
    } catch (error) {
      return { ...base, problem: error as AppError, isCertain: true };
    } finally {
      stopTimer();
    }
    const isFlowing = this.#bytesRead > bytesBefore;
    const problem = isFlowing ? undefined : fail('ssh/connection-lost', { host: this.description.host });
    return { ...base, problem, isCertain: false };
  }

  async close(): Promise<void> {
    this.#companion.end();
    await this.lost;
  }

  async #open(remote: RemoteAddress): Promise<Channel> {
    const { host } = this.description;
    if (!this.#isAlive) throw fail('ssh/connection-lost', { host });
    const inlet = this.#inlets.get(keyOf(remote.host, remote.port));
    if (!inlet) throw fail('ssh/forward-prohibited', { host, address: addressText(remote) });
    return inlet.open();
  }

  #opened(number: number): void {
    const opening = this.#openings.get(number);
    if (!opening) return;
    this.#openings.delete(number);
    const { channel } = opening;
    this.#channels.set(number, channel);
    channel.once('close', () => {
      if (this.#channels.get(number) === channel) this.#channels.delete(number);
    });
    opening.opened();
  }

  #refused(number: number, reason: string): void {
    const opening = this.#openings.get(number);
    if (!opening) return;
    this.#openings.delete(number);
    opening.refused(toForwardRefusal(reason, { name: this.description.host, address: addressText(opening.remote) }));
  }

  #abandon(reason: AppError): void {
    this.#isAlive = false;
    for (const { refused } of [...(this.#accepted ? [this.#accepted] : []), ...this.#openings.values()])
      refused(reason);
    this.#openings.clear();
    for (const inlet of this.#inlets.values()) inlet.abandon(reason);
    for (const channel of this.#channels.values()) channel.lose();
  }
}

/** As `ssh` writes the address: the name cut after 100 characters. */
function keyOf(host: string, port: number): string {
  return `${host.slice(0, 100)} ${port}`;
}
