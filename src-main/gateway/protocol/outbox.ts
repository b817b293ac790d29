import type { WebSocket } from 'ws';

import type { Clock, Logger } from '../../platform/ports.ts';
import { POLICY } from './policy.ts';

export interface OutboxDeps {
  readonly clock: Clock;
  readonly log: Logger;
  readonly connId: string;
}

/** How long a client that does not read has to take the reason, before its socket is ended. */
const LAST_WORD_MS = 1_000;

/** What is written to one client. Nobody waits for it: one that does not read is dropped, and told why if it can be. */
export class Outbox {
  readonly #socket: WebSocket;
  readonly #deps: OutboxDeps;

  constructor(socket: WebSocket, deps: OutboxDeps) {
    this.#socket = socket;
    this.#deps = deps;
  }

  send(text: string): void {
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    if (this.#socket.bufferedAmount > POLICY.maxBufferedBytes) return this.#drop();
    this.#socket.send(text);
  }

  #drop(): void {
    const { clock, log, connId } = this.#deps;
    log.warn('dropped a client that does not read', { connId, bufferedBytes: this.#socket.bufferedAmount });
    this.#socket.close(1008, 'slow consumer');
    const disarm = clock.after(LAST_WORD_MS, () => this.#socket.terminate());
    this.#socket.once('close', disarm);
  }
}
