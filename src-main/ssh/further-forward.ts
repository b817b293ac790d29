import { toErrorInfo, type ErrorInfo } from '../contract/errors.ts';
import type { Forward, ForwardState } from '../contract/tunnel.ts';
import type { Clock, Logger } from '../platform/ports.ts';
import type { ChannelSource, Link } from './link.ts';
import { LocalForward } from './local-forward.ts';

export interface FurtherForwardDeps {
  readonly clock: Clock;
  readonly log: Logger;
  /** A connection is slow to open although the line seemed well. */
  readonly onTrouble: () => void;
  readonly onChange: () => void;
}

interface Fault {
  readonly of: 'here' | 'there';
  readonly cause: ErrorInfo;
}

/** Where the check of a forward claims to come from. */
const ORIGIN = { address: '127.0.0.1', port: 0 };

/**
 * A forward beside the main one, on the same line. What goes wrong with it concerns nobody else: a port that is taken
 * is asked for again, and a far end that refuses is asked again, each time the line proves to be well.
 */
export class FurtherForward {
  readonly wish: Forward;
  readonly #deps: FurtherForwardDeps;
  #local: LocalForward | undefined;
  #listening: Promise<void> | undefined;
  #link: Link | undefined;
  /** What leads through `#link`: one and the same, so that it is not taken for a change of line. */
  #source: ChannelSource | undefined;
  /** The line on which the far end has answered. */
  #proven: Link | undefined;
  #checking: Link | undefined;
  #fault: Fault | undefined;
  #isClosed = false;

  constructor(wish: Forward, deps: FurtherForwardDeps) {
    this.wish = wish;
    this.#deps = deps;
    void this.#listen();
  }

  get state(): ForwardState {
    const forward = { ...this.wish, localPort: this.#local?.port ?? this.wish.localPort };
    if (this.#fault) return { ...forward, status: 'failed', cause: this.#fault.cause };
    return { ...forward, status: this.#link !== undefined && this.#link === this.#proven ? 'ready' : 'waiting' };
  }

  get held(): number {
    return this.#local?.held ?? 0;
  }

  /** Called for every new line, and again each time it proves to be well. */
  attach(link: Link): void {
    if (link !== this.#link) this.#source = this.#watched(link);
    this.#link = link;
    void this.#listen().then(() => this.#use(link));
  }

  hold(): void {
    this.#leave();
    this.#local?.hold();
  }

  refuse(): void {
    this.#leave();
    this.#local?.refuse();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#leave();
    await this.#listening;
    await this.#local?.close();
  }

  #leave(): void {
    this.#link = undefined;
    this.#source = undefined;
    this.#proven = undefined;
    if (this.#fault?.of === 'there') this.#setFault(undefined);
  }

  #listen(): Promise<void> {
    if (this.#isClosed || this.#local) return Promise.resolve();
    const { clock, log, onTrouble } = this.#deps;
    // A refusal is no sign that the line is gone.
    const doubt = (): void => {
      if (!this.#fault) onTrouble();
    };
    this.#listening ??= LocalForward.open({ port: this.wish.localPort, clock, log, onTrouble: doubt })
      .then(
        (local) => {
          this.#local = local;
          this.#setFault(undefined);
        },
        (error: unknown) => this.#setFault({ of: 'here', cause: toErrorInfo(error) }),
      )
      .finally(() => (this.#listening = undefined));
    return this.#listening;
  }

  /** Nothing is sent into a far end that refuses: what comes meanwhile waits. */
  #use(link: Link): void {
    const source = this.#source;
    if (link !== this.#link || !source || !this.#local) return;
    if (this.#proven === link && !this.#fault) return this.#local.attach(source);
    void this.#check(link, source);
  }

  async #check(link: Link, source: ChannelSource): Promise<void> {
    if (this.#checking === link) return;
    this.#checking = link;
    try {
      const channel = await source.openChannel(ORIGIN);
      channel.resume();
      channel.end();
      channel.close();
      if (link === this.#link) this.#local?.attach(source);
    } catch {
      // The watched source has taken note.
    } finally {
      if (this.#checking === link) this.#checking = undefined;
    }
  }

  /** The same source, with an eye on what becomes of each connection. */
  #watched(link: Link): ChannelSource {
    const { remoteHost: host, remotePort: port } = this.wish;
    const source = link.toward({ host, port });
    return {
      get isAlive() {
        return source.isAlive;
      },
      get isCongested() {
        return source.isCongested;
      },
      whenDrained: (task) => source.whenDrained(task),
      openChannel: async (origin) => {
        try {
          const channel = await source.openChannel(origin);
          this.#well(link);
          return channel;
        } catch (error) {
          this.#refused(link, error);
          throw error;
        }
      },
    };
  }

  #well(link: Link): void {
    if (link !== this.#link || (this.#proven === link && !this.#fault)) return;
    this.#proven = link;
    this.#setFault(undefined);
    this.#deps.onChange();
  }

  #refused(link: Link, error: unknown): void {
    if (link !== this.#link) return;
    const cause = toErrorInfo(error);
    if (cause.code === 'ssh/forward-prohibited') {
      this.#local?.refuse();
      this.#setFault({ of: 'there', cause });
    } else if (cause.code === 'ssh/forward-refused') {
      this.#local?.hold();
      this.#setFault({ of: 'there', cause: { code: 'ssh/service-refused', params: cause.params } });
    }
  }

  #setFault(fault: Fault | undefined): void {
    const isSame = JSON.stringify(fault) === JSON.stringify(this.#fault);
    this.#fault = fault;
    if (!isSame) this.#deps.onChange();
  }
}
