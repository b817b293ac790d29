import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';

import type { Channel } from '../link.ts';

/**
 * One forwarded connection through `ssh`. The end of the socket alone says too little: it comes as well when `ssh`
 * dies in the middle of an answer. It counts once `ssh` has told that the far end was done.
 */
export class SystemChannel extends Duplex implements Channel {
  readonly #socket: Socket;
  #isFarEndDone = false;
  #isSocketDone = false;

  constructor(socket: Socket, onBytes: (count: number) => void) {
    super({ allowHalfOpen: true });
    this.#socket = socket;
    socket.on('data', (chunk: Buffer) => {
      onBytes(chunk.length);
      if (!this.push(chunk)) socket.pause();
    });
    socket.once('end', () => {
      this.#isSocketDone = true;
      this.#endIfDone();
    });
    // Its 'close' follows, and is all that matters.
    socket.on('error', () => {});
    socket.once('close', () => this.#socketClosed());
  }

  /** `ssh` has told that no more will come; `closed`: and that nothing is taken there any more. */
  farEndDone({ closed }: { readonly closed: boolean }): void {
    this.#isFarEndDone = true;
    if (closed) this.once('end', () => this.destroy());
    this.#endIfDone();
  }

  /** `ssh` is gone: what is not here by now never comes. */
  lose(): void {
    if (!(this.#isFarEndDone && this.#isSocketDone)) this.destroy();
  }

  close(): void {
    this.destroy();
  }

  override _read(): void {
    this.#socket.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    // A full socket calls back when it has room again: back-pressure needs no more.
    this.#socket.write(chunk, () => done());
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#socket.end(() => done());
  }

  override _destroy(_error: Error | null, done: (error?: Error | null) => void): void {
    this.#socket.destroy();
    done(null);
  }

  #endIfDone(): void {
    if (this.#isFarEndDone && this.#isSocketDone) this.push(null);
  }

  #socketClosed(): void {
    if (!this.#isSocketDone) this.destroy();
  }
}
