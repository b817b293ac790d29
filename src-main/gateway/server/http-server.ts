import { createServer, type RequestListener, type Server, type ServerOptions } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Socket } from 'node:net';

import type { Express } from 'express';

import type { IngressReader } from './ingress.ts';
import { plainAddress } from './host-names.ts';
import type { Listener } from './listener.ts';
import type { ServedCertificate } from './served-certificate.ts';
import { isTailnetAddress } from './tailnet-address.ts';

/** How often the server looks for requests that take too long; also how late it may notice one. */
const CHECK_INTERVAL_MS = 2_000;

export interface LimitedServerOptions {
  readonly ingress: IngressReader;
  readonly listener: Listener;
  /** With one it speaks TLS. */
  readonly certificate: ServedCertificate | undefined;
}

/** Slow or endless requests are cut off (408): headers within 10 s, the whole request within 30 s. */
export function createLimitedServer(app: Express, { ingress, listener, certificate }: LimitedServerOptions): Server {
  const limits = { maxHeaderSize: 16 * 1024, connectionsCheckingInterval: CHECK_INTERVAL_MS };
  const answer: RequestListener = (request, response) => {
    ingress.read(request, listener);
    app(request, response);
  };
  const server = certificate === undefined ? createServer(limits, answer) : tlsServer(certificate, limits, answer);
  if (listener.kind === 'bind' && listener.bind === 'tailnet') server.on('connection', refuseOutsiders);
  server.headersTimeout = 10_000;
  server.requestTimeout = 30_000;
  server.keepAliveTimeout = 5_000;
  return server;
}

function tlsServer(certificate: ServedCertificate, limits: ServerOptions, answer: RequestListener): Server {
  const { pair } = certificate;
  const server = createTlsServer({ ...limits, ...pair, minVersion: 'TLSv1.2', handshakeTimeout: 10_000 }, answer);
  certificate.onRenewed((renewed) => server.setSecureContext(renewed));
  return server;
}

/**
 * A computer may take packets for its tailnet address from any of its networks. What comes from an address outside of
 * the tailnet is cut off before a byte of it is read.
 */
function refuseOutsiders(socket: Socket): void {
  if (!isTailnetAddress(plainAddress(socket.remoteAddress))) socket.destroy();
}

export function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => void server.close(() => resolve()));
}
