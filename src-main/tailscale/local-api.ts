import { request, type IncomingMessage } from 'node:http';

import { fail } from '../contract/errors.ts';

/** The daemon answers from memory; one that hangs must not be waited for. */
const TIMEOUT_MS = 8_000;
const MAX_ANSWER_BYTES = 4 * 1024 * 1024;
/** Any other name is taken for a page that tries to reach the daemon. */
const HOST = 'local-tailscaled.sock';

export interface LocalAnswer {
  readonly status: number;
  readonly text: string;
}

/** The daemon of Tailscale on its own socket, for reading only: a socket or a named pipe that every user may ask. */
export class LocalApi {
  readonly #socketPath: string;

  constructor(socketPath: string) {
    this.#socketPath = socketPath;
  }

  /**
   * @param path below `/localapi/v0/`
   * @throws AppError `tailscale/not-answering`, also when the socket is not there
   */
  async get(path: string): Promise<LocalAnswer> {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const headers = { Host: HOST };
    const options = { socketPath: this.#socketPath, path: `/localapi/v0/${path}`, headers, signal, agent: false };
    try {
      return await new Promise((resolve, reject) => {
        request(options, (response) => void collect(response).then(resolve, reject))
          .once('error', reject)
          .end();
      });
    } catch (error) {
      throw fail('tailscale/not-answering', {}, error);
    }
  }
}

function collect(response: IncomingMessage): Promise<LocalAnswer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    response.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > MAX_ANSWER_BYTES) response.destroy(new Error('the answer is too long'));
      else chunks.push(chunk);
    });
    response.once('end', () => resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() }));
    response.once('error', reject);
  });
}
