import type { Clock } from '../../platform/ports.ts';
import type { Connection } from './connection.ts';
import { POLICY } from './policy.ts';
import type { PresenceEntry } from './presence.ts';

export interface HubDeps {
  readonly clock: Clock;
  /** The entry of the gateway itself, first in every list. */
  readonly self: PresenceEntry;
  /** Called when a connection has gone. */
  readonly onLeft: (connId: string) => void;
  /** Work that was accepted and goes on without a request, such as answers of agents. */
  readonly accepted: () => Promise<void>;
}

const FINISH_LIMIT_MS = 5_000;
const CLOSE_LIMIT_MS = 1_000;

/** All connections that were let in: presence, ticks, and a clean end. */
export class Hub {
  readonly #deps: HubDeps;
  readonly #connections = new Set<Connection>();
  #version = 0;
  #disarm: () => void = () => {};
  #isStopped = false;
  /** Called when a connection has gone; only a stop is interested. */
  #onLeft: (() => void) | undefined;

  constructor(deps: HubDeps) {
    this.#deps = deps;
    this.#armTick();
  }

  get connections(): Iterable<Connection> {
    return this.#connections;
  }

  get count(): number {
    return this.#connections.size;
  }

  get presence(): readonly PresenceEntry[] {
    return [this.#deps.self, ...[...this.#connections].flatMap(({ presence }) => presence ?? [])];
  }

  /** Grows with every change of `presence`. */
  get presenceVersion(): number {
    return this.#version;
  }

  add(connection: Connection): void {
    this.#connections.add(connection);
    if (connection.presence !== undefined) this.#presenceChanged();
  }

  remove(connection: Connection): void {
    if (!this.#connections.delete(connection)) return;
    this.#deps.onLeft(connection.id);
    this.#onLeft?.();
    if (connection.presence !== undefined) this.#presenceChanged();
  }

  /** Tells every client, lets started requests finish, closes with “service restart”. */
  async stop(reason: string): Promise<void> {
    this.#isStopped = true;
    this.#disarm();
    for (const connection of this.#connections) connection.sendEvent('shutdown', { reason });
    const requests = [...this.#connections].flatMap(({ running }) => running);
    await this.#within(FINISH_LIMIT_MS, Promise.all([...requests, this.#deps.accepted()]));
    for (const connection of this.#connections) connection.close(1012, 'service restart');
    await this.#within(CLOSE_LIMIT_MS, this.#emptied());
    for (const connection of this.#connections) connection.terminate();
  }

  #presenceChanged(): void {
    this.#version += 1;
    if (this.#isStopped) return;
    const { presence } = this;
    for (const connection of this.#connections) {
      if (connection.hasScope('operator.read')) connection.sendEvent('presence', { presence });
    }
  }

  #emptied(): Promise<void> {
    return new Promise((resolve) => {
      this.#onLeft = () => void (this.#connections.size === 0 && resolve());
      this.#onLeft();
    });
  }

  async #within(limitMs: number, work: Promise<unknown>): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const disarm = this.#deps.clock.after(limitMs, resolve);
    await Promise.race([work, promise]);
    disarm();
  }

  #armTick(): void {
    this.#disarm = this.#deps.clock.after(POLICY.tickIntervalMs, () => {
      for (const connection of this.#connections) connection.sendEvent('tick', { ts: this.#deps.clock.now() });
      this.#armTick();
    });
  }
}
