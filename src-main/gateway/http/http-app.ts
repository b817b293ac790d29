import { existsSync } from 'node:fs';
import type { BlockList } from 'node:net';
import { extname, join } from 'node:path';

import express, { type Express, type NextFunction, type Request, type Response } from 'express';

import type { Authenticator } from '../auth/authenticator.ts';
import type { GatewayState } from '../methods/method.ts';
import { readIngress } from '../server/ingress.ts';
import { modelRoutes } from './models.ts';
import { PROXY_REFUSAL, RATE_LIMITED, UNAUTHORIZED } from './refusals.ts';

export interface HttpAppDeps {
  readonly state: GatewayState;
  readonly authenticator: Authenticator;
  readonly trustedProxies: BlockList;
}

/** Answers nothing without a secret; what they hold comes with later parts of the gateway. */
const PROTECTED = ['/v1', '/tools', '/api/channels'];

/** The HTTP side: health for anybody, the Control UI, and protected prefixes that ask for the secret first. */
export function createHttpApp(deps: HttpAppDeps): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  addHealth(app, deps.state);
  app.use([...PROTECTED], async (request, response, next) => {
    if (await requireSecret(deps, request, response)) next();
  });
  app.use('/v1', modelRoutes(deps.state.agents));
  app.use([...PROTECTED], notFound);
  app.use((request, response, next) => {
    if (!readIngress(request, deps.trustedProxies).isUnattributed) return next();
    response.status(403).json(PROXY_REFUSAL);
  });
  if (deps.state.options.controlUi.enabled) addControlUi(app, deps.state.options.controlUi.root);
  app.use(notFound);
  app.use(badRequest);
  return app;
}

function addHealth(app: Express, state: GatewayState): void {
  const routes: readonly [readonly string[], () => object][] = [
    [['/health', '/healthz'], () => ({ ok: true, status: 'live' })],
    [
      ['/ready', '/readyz'],
      () => ({ ready: true, failing: [], uptimeMs: state.uptimeMs(), eventLoop: state.eventLoop() }),
    ],
    [['/startupz'], () => ({ ok: true, status: 'started', version: state.version, uptimeMs: state.uptimeMs() })],
  ];
  for (const [paths, answer] of routes) {
    app.all([...paths], (request, response) => {
      response.set('Cache-Control', 'no-store');
      if (request.method === 'GET' || request.method === 'HEAD') return response.json(answer());
      return response.status(405).set('Allow', 'GET, HEAD').type('text').send('Method Not Allowed');
    });
  }
}

/** Resolves with whether the request carries the secret; otherwise it has been answered. */
async function requireSecret(deps: HttpAppDeps, request: Request, response: Response): Promise<boolean> {
  const ingress = readIngress(request, deps.trustedProxies);
  if (ingress.isUnattributed) {
    response.status(403).json(PROXY_REFUSAL);
    return false;
  }
  const presented = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1];
  const outcome = await deps.authenticator.check(ingress, presented);
  if (outcome.status === 'accepted') return true;
  if (outcome.status === 'locked') {
    const seconds = Math.ceil(outcome.retryAfterMs / 1_000);
    response.status(429).set('Retry-After', String(seconds)).json(RATE_LIMITED);
  } else response.status(401).json(UNAUTHORIZED);
  return false;
}

const HEADERS: Readonly<Record<string, string>> = {
  'Content-Security-Policy': [
    "default-src 'self'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "connect-src 'self'",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'X-Frame-Options': 'DENY',
  'Permissions-Policy': 'camera=(), microphone=(), geolocation=(), usb=(), serial=(), payment=()',
  'Cross-Origin-Opener-Policy': 'same-origin',
};

/** The built page: files as they are, and the page itself for any path without an extension. */
function addControlUi(app: Express, root: string): void {
  const index = join(root, 'index.html');
  app.use((_request, response, next) => {
    response.set(HEADERS);
    next();
  });
  app.use(
    '/assets',
    express.static(join(root, 'assets'), { immutable: true, maxAge: '1y', fallthrough: true, index: false }),
  );
  app.use(express.static(root, { index: false, cacheControl: false, dotfiles: 'ignore' }));
  app.use((request, response, next) => {
    const isPage = (request.method === 'GET' || request.method === 'HEAD') && extname(request.path) === '';
    if (!isPage || !existsSync(index)) return next();
    return response.set('Cache-Control', 'no-cache').sendFile(index);
  });
}

function notFound(_request: Request, response: Response): void {
  response.status(404).type('text').send('Not Found');
}

/** Express knows an error handler by its four parameters. */
// oxlint-disable-next-line max-params -- as above
function badRequest(_error: unknown, _request: Request, response: Response, _next: NextFunction): void {
  response.status(400).type('text').send('Bad Request');
}
