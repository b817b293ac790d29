import type { Server } from 'node:http';

import { toErrorInfo, type ErrorInfo } from '../../contract/errors.ts';
import type { Clock } from '../../platform/ports.ts';
import { listenOn } from './listen.ts';
import type { BindListener } from './listener.ts';

/** A server at one address. */
export interface Place {
  readonly listener: BindListener;
  readonly server: Server;
}

export interface FollowedAddressDeps {
  readonly clock: Clock;
  /** The address to listen on right now; absent while there is none. */
  readonly addressNow: () => string | undefined;
  readonly create: (address: string) => Place;
  /** Ends what came in at an address that is gone. */
  readonly leave: (place: Place) => Promise<void>;
  /** `cause`: why it does not listen though there is an address. */
  readonly onMoved: (address: string | undefined, cause: ErrorInfo | undefined) => void;
}

/** How long an address may be gone, or be another, before that is noticed. */
const LOOK_INTERVAL_MS = 2_000;

/**
 * Listens at an address that comes and goes, such as the one a tailnet gives to this computer. While there is none
 * nothing listens, and everything else goes on.
 */
export class FollowedAddress {
  readonly #deps: FollowedAddressDeps;
  readonly #leaving = new Set<Promise<void>>();
  #place: Place | undefined;
  #port = 0;
  #disarm: (() => void) | undefined;
  #looking: Promise<void> | undefined;
  #isStopped = false;
  /** Why it could not listen at the address that there is. Told once, not with every look. */
  #fault: ErrorInfo | undefined;

  constructor(deps: FollowedAddressDeps) {
    this.#deps = deps;
  }

  /**
   * Listens at `address`, and from then on wherever it moves to; without one, as soon as there is one.
   *
   * @throws AppError `gateway/port-taken` or `gateway/address-unavailable`; nothing is followed then.
   */
  async open(address: string | undefined, port: number): Promise<void> {
    this.#port = port;
    if (address !== undefined) {
      const place = this.#deps.create(address);
      this.#port = await listenOn([place.server], [address], port);
      this.#place = place;
    }
    this.#lookLater();
  }

  /** The one that was asked for, while none of any kind will do and there was no address yet. */
  get port(): number {
    return this.#port;
  }

  /** Follows no longer. Resolves with the server that still listens, if any, for the caller to close. */
  async stop(): Promise<Server | undefined> {
    this.#isStopped = true;
    this.#disarm?.();
    await this.#looking;
    return this.#place?.server;
  }

  /** Resolves when nothing is left of where it listened before. */
  async left(): Promise<void> {
    await Promise.all(this.#leaving);
  }

  #lookLater(): void {
    if (this.#isStopped) return;
    this.#disarm = this.#deps.clock.after(LOOK_INTERVAL_MS, () => {
      this.#looking = this.#look().finally(() => this.#lookLater());
    });
  }

  async #look(): Promise<void> {
    const address = this.#deps.addressNow();
    const before = this.#place;
    const told = this.#fault;
    if (address === before?.listener.address && told === undefined) return;
    if (before !== undefined) this.#leave(before);
    this.#fault = undefined;
    this.#place = address === undefined ? undefined : await this.#listen(address);
    const isNews = before !== undefined || this.#place !== undefined || this.#faultCode !== told?.code;
    if (isNews) this.#deps.onMoved(this.#place?.listener.address, this.#fault);
  }

  get #faultCode(): ErrorInfo['code'] | undefined {
    return this.#fault?.code;
  }

  #leave(place: Place): void {
    const leaving = this.#deps.leave(place).finally(() => this.#leaving.delete(leaving));
    this.#leaving.add(leaving);
  }

  async #listen(address: string): Promise<Place | undefined> {
    const place = this.#deps.create(address);
    try {
      this.#port = await listenOn([place.server], [address], this.#port);
      return place;
    } catch (error) {
      this.#fault = toErrorInfo(error);
      return undefined;
    }
  }
}
