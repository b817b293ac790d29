import type { Clock, Logger } from '../../platform/ports.ts';
import type { Connection } from '../protocol/connection.ts';
import type { IdentityCheck } from './identity.ts';

export interface IdentityWatchDeps {
  readonly clock: Clock;
  readonly log: Logger;
  readonly check: IdentityCheck;
  /** Everybody who is connected. */
  readonly connections: () => Iterable<Connection>;
}

/** How long an address that has become another person's may stay signed in. */
const LOOK_INTERVAL_MS = 60_000;
/** Tailscale restarts for an update, and nobody should be sent away for that; a daemon that stays silent is a doubt. */
const MAX_SILENT_LOOKS = 3;

/** Ends whoever was let in for who it is, once that is no longer so. */
export class IdentityWatch {
  readonly #deps: IdentityWatchDeps;
  /** Looks without an answer, one after the other. */
  readonly #silent = new WeakMap<Connection, number>();
  #disarm: (() => void) | undefined;
  #isStopped = false;

  constructor(deps: IdentityWatchDeps) {
    this.#deps = deps;
  }

  /** Somebody was let in. Time is only spent while there is somebody to look at. */
  joined({ identity }: Connection): void {
    if (identity !== undefined) this.#arm();
  }

  /** The rules have changed. */
  rulesChanged(): void {
    for (const connection of this.#known()) {
      const { identity } = connection;
      if (identity !== undefined && !this.#deps.check.isAllowed(identity)) this.#end(connection);
    }
  }

  stop(): void {
    this.#isStopped = true;
    this.#disarm?.();
    this.#disarm = undefined;
  }

  #arm(): void {
    if (this.#isStopped || this.#disarm !== undefined) return;
    this.#disarm = this.#deps.clock.after(LOOK_INTERVAL_MS, () => void this.#look());
  }

  async #look(): Promise<void> {
    await Promise.all(this.#known().map((connection) => this.#lookAt(connection)));
    this.#disarm = undefined;
    if (this.#known().length > 0) this.#arm();
  }

  async #lookAt(connection: Connection): Promise<void> {
    const { identity, listener } = connection;
    const answer = identity === undefined ? 'no' : await this.#deps.check.isStillSo(identity, listener);
    const silent = answer === 'unknown' ? (this.#silent.get(connection) ?? 0) + 1 : 0;
    this.#silent.set(connection, silent);
    if (answer === 'no' || silent >= MAX_SILENT_LOOKS) this.#end(connection);
  }

  #known(): readonly Connection[] {
    return [...this.#deps.connections()].filter(({ identity }) => identity !== undefined);
  }

  #end(connection: Connection): void {
    this.#deps.log.info('no longer let in for who it is', { login: connection.identity?.peer.login });
    connection.close(4001, 'gateway auth changed');
  }
}
