import { existsSync, readFileSync } from 'node:fs';
import {
  createServer,
  request as ask,
  type IncomingMessage,
  type RequestOptions,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { TLSSocket } from 'node:tls';
import type { Duplex } from 'node:stream';

import type { Netmap } from '../netmap.ts';
import type { Known } from './known.ts';
import type { Handler, Routes } from './routes.ts';
import { toldHeaders, type Origin } from './told-headers.ts';

/** A connection that the tailnet carries to a port of this computer. */
export interface Arrival {
  readonly address: string;
  readonly port: number;
  readonly isPublic: boolean;
}

interface Coming extends Origin {
  readonly port: number;
  /** The name in the TLS hello; that of the request counts only without TLS. */
  readonly serverName: string | undefined;
}

interface Found {
  readonly handler: Handler;
  readonly mount: string;
  readonly coming: Coming;
}

/** The proxy of the fake daemon: one route at a time decides where a request goes and what the server is told of it. */
export class Serving {
  readonly #routes: Routes;
  readonly #known: Known;
  readonly #server: Server;
  readonly #coming = new WeakMap<Duplex, Coming>();

  constructor(routes: Routes, known: Known) {
    this.#routes = routes;
    this.#known = known;
    this.#server = createServer();
    this.#server.on('request', (request, response) => void this.#pass(request, response));
    this.#server.on('upgrade', (request, socket, head) => void this.#upgrade(request, socket, head));
  }

  /** Takes a connection over, or ends it where nothing is served. */
  take(socket: Socket, { address, port, isPublic }: Arrival): void {
    socket.on('error', () => socket.destroy());
    const part = this.#known.state.backendState === 'Running' ? this.#routes.partFor(port) : undefined;
    const handler = part?.TCP?.[String(port)];
    if (handler?.HTTPS === true) {
      const tls = this.#tls(socket);
      tls?.once('secure', () => {
        const serverName = (tls as TLSSocket & { readonly servername?: string | false }).servername || undefined;
        const isOpen = part?.AllowFunnel?.[`${serverName ?? ''}:${port}`] === true;
        if (isPublic && !isOpen) return tls.destroy();
        this.#coming.set(tls, { address, isPublic, isTls: true, port, serverName });
        return this.#server.emit('connection', tls);
      });
    } else if (handler?.HTTP === true && !isPublic) {
      this.#coming.set(socket, { address, isPublic, isTls: false, port, serverName: undefined });
      this.#server.emit('connection', socket);
    } else {
      socket.destroy();
    }
  }

  /** Where the real daemon keeps the certificate of its own name. Without one there is no connection. */
  #tls(socket: Socket): TLSSocket | undefined {
    const certs = join(this.#known.folder, 'certs');
    const name = this.#certName;
    const [cert, key] = [join(certs, `${name}.crt`), join(certs, `${name}.key`)];
    if (name === undefined || !existsSync(cert)) {
      socket.destroy();
      return undefined;
    }
    const tls = new TLSSocket(socket, {
      isServer: true,
      cert: readFileSync(cert),
      key: readFileSync(key),
      ALPNProtocols: ['http/1.1'],
    });
    return tls.on('error', () => tls.destroy());
  }

  /** Of the last map of the tailnet. */
  #certName: string | undefined;

  learn(map: Netmap | null): void {
    this.#certName = map?.self.name;
  }

  #find(request: IncomingMessage): Found | undefined {
    const coming = this.#coming.get(request.socket);
    if (coming === undefined) return undefined;
    const { port } = coming;
    const name = coming.isTls ? coming.serverName : this.#fullName(request.headers.host ?? '');
    const handlers = this.#routes.partFor(port)?.Web?.[`${name ?? ''}:${port}`]?.Handlers ?? {};
    const path = (request.url ?? '/').replace(/\?.*$/, '');
    const found = Object.entries(handlers)
      .filter(([mount]) => mount === '/' || path === mount || path.startsWith(`${mount}/`))
      .toSorted(([one], [other]) => other.length - one.length)[0];
    return found && { mount: found[0], handler: found[1], coming };
  }

  /** Without TLS a request may leave the name of the tailnet out. */
  #fullName(host: string): string {
    const domain = this.#certName?.slice(this.#certName.indexOf('.')) ?? '';
    const name = host.replace(/:\d+$/, '');
    return name.endsWith(domain) ? name : `${name}${domain}`;
  }

  async #pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const onward = await this.#onward(request);
    if (onward === undefined) return void response.writeHead(404).end('404 page not found\n');
    if (onward === 'text') return void response.end(this.#textOf(request));
    const next = ask(onward);
    next.on('response', (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    next.on('error', () => (response.headersSent ? response.destroy() : response.writeHead(502).end()));
    response.on('close', () => next.destroy());
    request.pipe(next);
  }

  #textOf(request: IncomingMessage): string {
    return this.#find(request)?.handler.Text ?? '';
  }

  async #onward(request: IncomingMessage): Promise<RequestOptions | 'text' | undefined> {
    const found = this.#find(request);
    const map = await this.#known.netmap();
    if (found === undefined || map === null) return undefined;
    const { handler, mount, coming } = found;
    if (handler.Proxy === undefined) return 'text';
    const { hostname, port } = new URL(handler.Proxy);
    const path = mount === '/' ? request.url : (request.url ?? '/').slice(mount.length) || '/';
    const headers = toldHeaders(request.headers, coming, map);
    return { hostname, port, method: request.method, path: path ?? '/', headers, agent: false };
  }

  async #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const onward = await this.#onward(request);
    if (onward === undefined || onward === 'text') return void socket.end('HTTP/1.1 404 Not Found\r\n\r\n');
    const { upgrade } = request.headers;
    const headers = { ...(onward.headers as Record<string, string>), Connection: 'Upgrade', Upgrade: upgrade ?? '' };
    const next = ask({ ...onward, headers });
    next.on('upgrade', (answer, stream, rest) => {
      socket.write(headOf(answer));
      socket.write(rest);
      stream.write(head);
      stream.on('error', () => socket.destroy()).on('close', () => socket.destroy());
      socket.on('error', () => stream.destroy()).on('close', () => stream.destroy());
      stream.pipe(socket).pipe(stream);
    });
    next.on('response', (answer) => {
      socket.write(headOf(answer));
      answer.pipe(socket);
    });
    next.on('error', () => socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n'));
    next.end();
  }
}

function headOf({ statusCode, statusMessage, rawHeaders }: IncomingMessage): string {
  const lines = rawHeaders.flatMap((name, at) => (at % 2 === 0 ? [`${name}: ${rawHeaders[at + 1] ?? ''}\r\n`] : []));
  return `HTTP/1.1 ${statusCode} ${statusMessage}\r\n${lines.join('')}\r\n`;
}
