import { createServer, type Server } from 'node:http';

import type { Express } from 'express';

import type { IngressReader } from './ingress.ts';
import type { Listener } from './listener.ts';

/** How often the server looks for requests that take too long; also how late it may notice one. */
const CHECK_INTERVAL_MS = 2_000;

/** Slow or endless requests are cut off (408): headers within 10 s, the whole request within 30 s. */
export function createLimitedServer(
  app: Express,
  { ingress, listener }: { readonly ingress: IngressReader; readonly listener: Listener },
): Server {
  const limits = { maxHeaderSize: 16 * 1024, connectionsCheckingInterval: CHECK_INTERVAL_MS };
  const server = createServer(limits, (request, response) => {
    ingress.read(request, listener);
    app(request, response);
  });
  server.headersTimeout = 10_000;
  server.requestTimeout = 30_000;
  server.keepAliveTimeout = 5_000;
  return server;
}

export function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => void server.close(() => resolve()));
}
