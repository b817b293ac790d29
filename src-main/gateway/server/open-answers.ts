import type { Server } from 'node:http';

import type { Listener } from './listener.ts';

/** HTTP requests that are being answered, so that those can finish which were there before the end. */
export class OpenAnswers {
  readonly #open = new Map<Promise<void>, Listener>();

  watch(server: Server, listener: Listener): void {
    server.on('request', (_request, response) => {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#open.set(promise, listener);
      response.once('close', () => {
        this.#open.delete(promise);
        resolve();
      });
    });
  }

  /** Resolves when what is open now, at one listener or anywhere, was answered or given up. */
  async settled(listener?: Listener): Promise<void> {
    const open = [...this.#open].filter(([, at]) => listener === undefined || at === listener);
    await Promise.all(open.map(([answer]) => answer));
  }
}
