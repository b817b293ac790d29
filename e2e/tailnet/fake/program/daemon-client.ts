import { request, type IncomingMessage } from 'node:http';

import { readText } from '../read-json.ts';

export interface DaemonAnswer {
  readonly status: number;
  readonly text: string;
  readonly etag: string;
}

/** What the program was told by its daemon, or that there is none. Ends it with 1. */
export class ProgramError extends Error {}

/** The program tries again for so long when there is nobody at the socket, safesocket of Tailscale. */
const CONNECT_FOR_MS = 2_000;

export class DaemonClient {
  readonly socket: string;
  readonly #startedAtMs = Date.now();

  constructor(socket: string) {
    this.socket = socket;
  }

  async ask(method: string, endpoint: string, body?: unknown, etag?: string): Promise<DaemonAnswer> {
    const response = await this.open(method, endpoint, body, etag);
    const text = await readText(response);
    return { status: response.statusCode ?? 0, text, etag: response.headers.etag ?? '' };
  }

  /** @throws Error the system's, when nobody is at the socket for 2 s */
  async open(method: string, endpoint: string, body?: unknown, etag?: string): Promise<IncomingMessage> {
    for (;;) {
      try {
        return await this.#once(method, endpoint, body, etag);
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        const isAbsent = code === 'ENOENT' || code === 'ECONNREFUSED';
        if (!isAbsent || Date.now() - this.#startedAtMs > CONNECT_FOR_MS) throw error;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
  }

  #once(method: string, endpoint: string, body?: unknown, etag?: string): Promise<IncomingMessage> {
    const headers = { Host: 'local-tailscaled.sock', ...(etag !== undefined && { 'If-Match': etag }) };
    return new Promise((resolve, reject) => {
      request({ socketPath: this.socket, method, path: `/localapi/v0/${endpoint}`, headers, agent: false }, resolve)
        .once('error', reject)
        .end(body === undefined ? undefined : JSON.stringify(body));
    });
  }
}

/** What Go says of a socket that nobody listens on. */
export function dialError(socket: string, error: unknown): string {
  const { code } = error as NodeJS.ErrnoException;
  return `dial unix ${socket}: connect: ${code === 'ENOENT' ? 'no such file or directory' : 'connection refused'}`;
}
