import { connect, type Socket } from 'node:net';

import type { CallName, CallResult, Calls, NoticeName, Notices, Unsubscribe } from '../contract/calls.ts';
import { AppError, fail } from '../contract/errors.ts';
import { createLineSplitter, encodeLine, type Reply } from './wire.ts';

/** A terminal's connection to the running app. */
export class ControlClient {
  readonly #socket: Socket;
  readonly #pending = new Map<number, (result: CallResult<CallName>) => void>();
  readonly #listeners = new Map<NoticeName, Set<(notice: Notices[NoticeName]) => void>>();
  #lastId = 0;

  private constructor(socket: Socket) {
    this.#socket = socket;
    const split = createLineSplitter();
    socket.on('data', (chunk) => {
      for (const line of split(chunk)) this.#heard(JSON.parse(line) as Reply);
    });
    socket.on('close', () => this.#closed());
  }

  /** @throws AppError `app/not-running` when no app answers. The caller closes it. */
  static async connect(path: string): Promise<ControlClient> {
    const socket = connect(path);
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', (error) => reject(fail('app/not-running', {}, error)));
    });
    socket.on('error', () => socket.destroy());
    return new ControlClient(socket);
  }

  /** @throws AppError with whatever the app answered, or `app/not-running` when it goes away meanwhile. */
  async call<C extends CallName>(name: C, input: Calls[C]['input']): Promise<Calls[C]['output']> {
    this.#lastId += 1;
    const id = this.#lastId;
    const { promise, resolve } = Promise.withResolvers<CallResult<CallName>>();
    this.#pending.set(id, resolve);
    this.#socket.write(encodeLine({ type: 'call', id, name, input }));
    const result = (await promise) as CallResult<C>;
    if (!result.ok) throw new AppError(result.error);
    return result.value;
  }

  listen<N extends NoticeName>(name: N, listener: (notice: Notices[N]) => void): Unsubscribe {
    const known = this.#listeners.get(name);
    const listeners = known ?? new Set();
    if (known === undefined) {
      this.#listeners.set(name, listeners);
      this.#socket.write(encodeLine({ type: 'listen', name }));
    }
    const heard = listener as (notice: Notices[NoticeName]) => void;
    listeners.add(heard);
    return () => listeners.delete(heard);
  }

  /** Resolves when the app has gone away or `close` was called. */
  get closed(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#socket.closed) resolve();
      else this.#socket.once('close', () => resolve());
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  #heard(reply: Reply): void {
    if (reply.type === 'notice') for (const listener of this.#listeners.get(reply.name) ?? []) listener(reply.notice);
    if (reply.type !== 'result') return;
    this.#pending.get(reply.id)?.(reply.result);
    this.#pending.delete(reply.id);
  }

  #closed(): void {
    for (const settle of this.#pending.values()) {
      settle({ ok: false, error: { code: 'app/not-running', params: {} } });
    }
    this.#pending.clear();
  }
}
