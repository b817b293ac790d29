import type { Clock } from '../../platform/ports.ts';
import type { Role } from '../devices/device-record.ts';
import type { Listener } from '../server/listener.ts';
import type { Connection } from './connection.ts';
import { POLICY } from './policy.ts';
import type { PresenceEntry } from './presence.ts';

export interface HubDeps {
  readonly clock: Clock;
  /** The entry of the gateway itself, first in every list. */
  readonly self: PresenceEntry;
  readonly onJoined: (connection: Connection) => void;
  readonly onLeft: (connection: Connection) => void;
  /** Health as clients read it, written as JSON. */
  readonly health: () => string;
  /** Work that was accepted and goes on without a request of a connection: answers of agents, and over HTTP. */
  readonly accepted: () => Promise<void>;
}

/** What those hear who are ended. */
interface Ending {
  readonly reason: string;
  readonly code: number;
  readonly words: string;
}

/** The newest are shown: a list of thousands, told to thousands, would be all the gateway does. */
const MAX_PRESENCE = 200;
/** Who comes and goes is told at most this often, and the less often the more there are to be told. */
const PRESENCE_INTERVAL_MS = 100;
/** Health is told with every second tick: once a minute, as the real gateway does. */
const TICKS_PER_HEALTH = 2;
const FINISH_LIMIT_MS = 5_000;
const CLOSE_LIMIT_MS = 1_000;

/** All connections that were let in: presence, ticks, and a clean end. */
export class Hub {
  readonly #deps: HubDeps;
  readonly #connections = new Set<Connection>();
  /** Those of them that are shown to others. */
  readonly #present = new Set<Connection>();
  #version = 0;
  #healthVersion = 0;
  #ticks = 0;
  #disarm: () => void = () => {};
  #isStopped = false;
  #isPresenceTold = true;
  #disarmPresence: (() => void) | undefined;
  /** Called when a connection has gone; only who ends some is interested. */
  readonly #onLeft = new Set<() => void>();

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
    const entries = [...this.#present].slice(-(MAX_PRESENCE - 1)).flatMap(({ presence }) => presence ?? []);
    return [this.#deps.self, ...entries];
  }

  isDeviceConnected(deviceId: string): boolean {
    for (const connection of this.#connections) if (connection.deviceId === deviceId) return true;
    return false;
  }

  /** Grow with every change of `presence`, and whenever health is told. */
  get stateVersion(): { readonly presence: number; readonly health: number } {
    return { presence: this.#version, health: this.#healthVersion };
  }

  add(connection: Connection): void {
    this.#connections.add(connection);
    this.#deps.onJoined(connection);
    if (connection.presence === undefined) return;
    this.#present.add(connection);
    this.#presenceChanged();
  }

  remove(connection: Connection): void {
    if (!this.#connections.delete(connection)) return;
    this.#deps.onLeft(connection);
    for (const left of this.#onLeft) left();
    if (this.#present.delete(connection)) this.#presenceChanged();
  }

  /** Ends whoever came in as this device, in that role if one is given. */
  closeDevice(deviceId: string, role?: Role): void {
    for (const connection of this.#connections) {
      const isMeant = connection.deviceId === deviceId && (role === undefined || connection.role === role);
      if (isMeant) connection.close(4001, 'device removed');
    }
  }

  closeAll(code: number, reason: string): void {
    for (const connection of this.#connections) connection.close(code, reason);
  }

  /** Tells every client, lets started requests finish, closes with “service restart”. */
  async stop(reason: string): Promise<void> {
    this.#isStopped = true;
    this.#disarm();
    this.#disarmPresence?.();
    await this.#end([...this.#connections], { reason, code: 1012, words: 'service restart' }, this.#deps.accepted());
  }

  /** The same for those that came in at one listener, which is about to be closed; `answers` are those over HTTP. */
  async leave(listener: Listener, reason: string, answers: Promise<void>): Promise<void> {
    const those = [...this.#connections].filter((connection) => connection.listener === listener);
    await this.#end(those, { reason, code: 1001, words: reason }, answers);
  }

  #presenceChanged(): void {
    this.#version += 1;
    this.#isPresenceTold = false;
    // After the hello of whoever has just come in, which holds the same list.
    if (!this.#isStopped && this.#disarmPresence === undefined) queueMicrotask(() => this.#tellPresence());
  }

  #tellPresence(): void {
    if (this.#isStopped || this.#isPresenceTold || this.#disarmPresence !== undefined) return;
    this.#isPresenceTold = true;
    const intervalMs = Math.max(PRESENCE_INTERVAL_MS, this.#connections.size);
    this.#disarmPresence = this.#deps.clock.after(intervalMs, () => {
      this.#disarmPresence = undefined;
      this.#tellPresence();
    });
    const payload = JSON.stringify({ presence: this.presence });
    for (const connection of this.#connections) {
      if (connection.hasScope('operator.read')) connection.sendWritten('presence', payload, this.stateVersion);
    }
  }

  #tellHealth(): void {
    this.#healthVersion += 1;
    const payload = this.#deps.health();
    for (const connection of this.#connections) {
      if (connection.hasScope('operator.read')) connection.sendWritten('health', payload, this.stateVersion);
    }
  }

  async #end(those: readonly Connection[], why: Ending, work: Promise<void>): Promise<void> {
    for (const connection of those) connection.announceEnd(why.reason);
    const requests = those.flatMap(({ running }) => running);
    await this.#within(FINISH_LIMIT_MS, Promise.all([...requests, work]));
    for (const connection of those) connection.close(why.code, why.words);
    await this.#within(CLOSE_LIMIT_MS, this.#gone(those));
    for (const connection of those) connection.terminate();
  }

  async #gone(those: readonly Connection[]): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const left = (): void => void (those.every((each) => !this.#connections.has(each)) && resolve());
    this.#onLeft.add(left);
    left();
    await promise;
    this.#onLeft.delete(left);
  }

  async #within(limitMs: number, work: Promise<unknown>): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const disarm = this.#deps.clock.after(limitMs, resolve);
    await Promise.race([work, promise]);
    disarm();
  }

  #armTick(): void {
    this.#disarm = this.#deps.clock.after(POLICY.tickIntervalMs, () => {
      const payload = JSON.stringify({ ts: this.#deps.clock.now() });
      for (const connection of this.#connections) connection.sendWritten('tick', payload);
      this.#ticks += 1;
      if (this.#ticks % TICKS_PER_HEALTH === 0) this.#tellHealth();
      this.#armTick();
    });
  }
}
