import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A server that remembers the headers of what it was asked, and upgrades nothing. */
export class Echo implements AsyncDisposable {
  readonly #server: Server;
  readonly asked: { readonly url: string; readonly headers: IncomingHttpHeaders }[] = [];

  private constructor(server: Server) {
    this.#server = server;
    server.on('request', (request, response) => {
      this.asked.push({ url: request.url ?? '', headers: request.headers });
      response.end('echo');
    });
  }

  static async start(): Promise<Echo> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new Echo(server);
  }

  /** `http://127.0.0.1:41234` */
  get target(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** What the last request said of Tailscale and of others, and the Host. */
  get last(): Readonly<Record<string, unknown>> {
    const headers = Object.entries(this.asked.at(-1)?.headers ?? {});
    return Object.fromEntries(headers.filter(([name]) => /^(host|forwarded|x-.*|tailscale-.*)$/.test(name)));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
