import type { AppError } from '../../contract/errors.ts';
import type { RemoteAddress } from '../remote-address.ts';
import type { Inlet } from './inlets.ts';
import { SystemChannel } from './system-channel.ts';

/** A connection on its way through an inlet, until it is known whether the far end took it. */
export interface Opening {
  readonly remote: RemoteAddress;
  readonly channel: SystemChannel;
  readonly opened: () => void;
  readonly refused: (reason: AppError) => void;
}

/** `ssh` lets 128 wait to be accepted, and the system refuses any more at once. */
const MAX_UNACCEPTED = 64;

/** One inlet. `ssh` accepts connections in the order in which they are made: so its log tells which is meant. */
export class InletQueue {
  readonly #inlet: Inlet;
  readonly #remote: RemoteAddress;
  readonly #onBytes: (count: number) => void;
  readonly #waiting: ((reason?: AppError) => void)[] = [];
  readonly #unaccepted: Opening[] = [];

  constructor(inlet: Inlet, remote: RemoteAddress, onBytes: (count: number) => void) {
    this.#inlet = inlet;
    this.#remote = remote;
    this.#onBytes = onBytes;
  }

  /** @throws AppError what `abandon` or the refusal of the far end gives */
  open(): Promise<SystemChannel> {
    return new Promise((resolve, reject) => {
      this.#waiting.push((reason) => {
        if (reason) reject(reason);
        else this.#unaccepted.push(this.#begin(resolve, reject));
      });
      this.#pump();
    });
  }

  /** The one that `ssh` has just accepted. */
  accept(): Opening | undefined {
    const opening = this.#unaccepted.shift();
    this.#pump();
    return opening;
  }

  abandon(reason: AppError): void {
    for (const { refused } of this.#unaccepted.splice(0)) refused(reason);
    for (const start of this.#waiting.splice(0)) start(reason);
  }

  #pump(): void {
    while (this.#unaccepted.length < MAX_UNACCEPTED && this.#waiting.length > 0) this.#waiting.shift()?.();
  }

  #begin(resolve: (channel: SystemChannel) => void, reject: (reason: AppError) => void): Opening {
    const channel = new SystemChannel(this.#inlet.connect(), this.#onBytes);
    return {
      remote: this.#remote,
      channel,
      opened: () => resolve(channel),
      refused: (reason) => {
        channel.close();
        reject(reason);
      },
    };
  }
}
