import { once } from 'node:events';
import { request, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';

import { WebSocket } from 'ws';

import { connectBySocks } from './socks.ts';
import type { Computer } from './tailnet.ts';

interface Frame {
  readonly type: string;
  readonly id?: string;
  readonly ok?: boolean;
  readonly event?: string;
  readonly payload?: Readonly<Record<string, unknown>>;
  readonly error?: { readonly code: string; readonly details?: { readonly code?: string } };
}

export interface Answer {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** How a relay of Funnel brings somebody of the internet. */
export interface Ingress {
  /** `203.0.113.7:4711` */
  readonly from: string;
  readonly peerApi: URL;
}

/** Somebody at another computer of the tailnet, or on the internet, who believes the authority of the test. */
export class Visitor {
  readonly #at: Computer;
  readonly #ca: string;
  readonly #ingress: Ingress | undefined;

  constructor(at: Computer, ca: string, ingress?: Ingress) {
    this.#at = at;
    this.#ca = ca;
    this.#ingress = ingress;
  }

  /** TLS to a name of the tailnet, by its own certificate. */
  async connect(host: string, port: number): Promise<TLSSocket> {
    const raw = await this.#reach(host, port);
    const socket = connectTls({ socket: raw, servername: host, ca: this.#ca, ALPNProtocols: ['http/1.1'] });
    await once(socket, 'secureConnect', { signal: AbortSignal.timeout(20_000) });
    return socket;
  }

  /** What a relay does: `POST /v0/ingress`, answered by 101, and from then on the bytes of the client. */
  async #reach(host: string, port: number): Promise<Socket> {
    if (this.#ingress === undefined) return connectBySocks(this.#at.socksPort, host, port);
    const { from, peerApi } = this.#ingress;
    const socket = await connectBySocks(this.#at.socksPort, peerApi.hostname, Number(peerApi.port));
    const headers = [
      `Tailscale-Ingress-Src: ${from}`,
      `Tailscale-Ingress-Target: ${host}:${port}`,
      'Content-Length: 0',
    ];
    socket.write(`POST /v0/ingress HTTP/1.1\r\nHost: peer\r\n${headers.join('\r\n')}\r\n\r\n`);
    let head = '';
    while (!head.endsWith('\r\n\r\n')) {
      const byte = socket.read(1) as Buffer | null;
      if (byte === null) await once(socket, 'readable', { signal: AbortSignal.timeout(10_000) });
      else head += byte.toString('latin1');
    }
    if (!head.startsWith('HTTP/1.1 101')) throw new Error(`the relay was turned away: ${head}`);
    return socket;
  }

  async get(url: string, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
    const { hostname, port, pathname } = new URL(url);
    const socket = await this.connect(hostname, Number(port || 443));
    const asked = request({
      createConnection: () => socket,
      host: hostname,
      path: pathname,
      headers: { host: hostname, ...headers },
    });
    asked.end();
    const [response] = (await once(asked, 'response')) as [IncomingMessage];
    let body = '';
    for await (const chunk of response) body += String(chunk);
    socket.destroy();
    return { status: response.statusCode, headers: response.headers, body };
  }

  /** Opens the gateway protocol as the Control UI does, and says how `connect` was answered. */
  async open(
    url: string,
    connect: Readonly<Record<string, unknown>>,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Frame> {
    const { hostname, port } = new URL(url);
    const stream = await this.connect(hostname, Number(port || 443));
    const socket = new WebSocket(url.replace('https:', 'wss:'), {
      origin: url,
      headers,
      createConnection: (() => stream) as never,
    });
    socket.on('error', () => undefined);
    const frames: Frame[] = [];
    const answered = new Promise<Frame>((resolve, reject) => {
      socket.on('message', (data: Buffer) => {
        const frame = JSON.parse(data.toString('utf8')) as Frame;
        frames.push(frame);
        if (frame.event === 'connect.challenge') {
          socket.send(JSON.stringify({ type: 'req', id: '1', method: 'connect', params: connect }));
        }
        if (frame.type === 'res') resolve(frame);
      });
      socket.once('close', (code) => reject(new Error(`closed with ${code}: ${JSON.stringify(frames)}`)));
    });
    try {
      return await answered;
    } finally {
      socket.terminate();
    }
  }
}

/** What the Control UI says of itself in a browser. */
export function asControlUi(auth?: Readonly<Record<string, string>>): Readonly<Record<string, unknown>> {
  return {
    minProtocol: 4,
    maxProtocol: 4,
    client: { id: 'openclaw-control-ui', mode: 'webchat', version: '0.0.0', platform: 'web' },
    role: 'operator',
    scopes: ['operator.read'],
    caps: [],
    ...(auth !== undefined && { auth }),
  };
}
