import express, { type Express, type NextFunction, type Request, type Response } from 'express';

import type { Authenticator } from '../auth/authenticator.ts';
import type { GatewayState } from '../methods/method.ts';
import type { IngressReader } from '../server/ingress.ts';
import { addControlUi } from './control-ui.ts';
import { addHealthRoutes } from './health-routes.ts';
import { modelRoutes } from './models.ts';
import {
  HOST_REFUSAL,
  ingressFault,
  RATE_LIMITED,
  routeRefusal,
  TOO_LARGE,
  UNAUTHORIZED,
  type Fault,
} from './refusals.ts';

export interface HttpAppDeps {
  readonly state: GatewayState;
  readonly authenticator: Authenticator;
  readonly ingress: IngressReader;
}

/** Answers nothing without a secret. */
const PROTECTED = ['/v1', '/tools', '/api/channels'];
/** Largest body of a request, bytes: as large as a file that goes with a question may be. */
const MAX_BODY_BYTES = 20 * 1024 * 1024;

/** The HTTP side: health for anybody, the Control UI, and protected prefixes that ask for the secret first. */
export function createHttpApp(deps: HttpAppDeps): Express {
  const { state, authenticator, ingress } = deps;
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.use((request, response, next) => refuseOrGoOn(routeRefusal(ingress.of(request)), response, next));
  addHealthRoutes(app, { state, ingress });
  app.use((request, response, next) => {
    refuseOrGoOn(ingressFault(ingress.of(request), authenticator.mode), response, next);
  });
  app.use([...PROTECTED], async (request, response, next) => {
    if (await requireSecret(deps, request, response)) next();
  });
  app.use(refuseLargeBodies);
  app.use('/v1', modelRoutes(state.agents));
  app.use([...PROTECTED, '/api'], notFound);
  // What needs no secret is for those who use a name of ours: the page of another name is not to be shown as ours.
  app.use((request, response, next) => {
    if (ingress.of(request).isOwnHost) return next();
    return response.status(403).json(HOST_REFUSAL);
  });
  if (state.options.controlUi.enabled) addControlUi(app, state.options.controlUi.root);
  app.use(notFound);
  app.use(badRequest);
  return app;
}

function refuseOrGoOn(fault: Fault | undefined, response: Response, next: NextFunction): void {
  if (fault === undefined) return next();
  response.status(fault.status).set('Connection', 'close').json(fault.body);
}

/** Resolves with whether the request carries the secret; otherwise it has been answered. */
async function requireSecret(deps: HttpAppDeps, request: Request, response: Response): Promise<boolean> {
  const presented = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1];
  const outcome = await deps.authenticator.check(deps.ingress.of(request), presented === undefined ? [] : [presented]);
  if (outcome.status === 'accepted') return true;
  // What a stranger is still sending is not waited for.
  if (hasBody(request)) response.set('Connection', 'close');
  if (outcome.status === 'locked') {
    const seconds = Math.ceil(outcome.retryAfterMs / 1_000);
    response.status(429).set('Retry-After', String(seconds)).json(RATE_LIMITED);
  } else response.status(401).json(UNAUTHORIZED);
  return false;
}

/** Refuses by what is announced; who announces nothing is held to the same number where the body is read. */
function refuseLargeBodies(request: Request, response: Response, next: NextFunction): void {
  if (Number(request.headers['content-length'] ?? 0) <= MAX_BODY_BYTES) return next();
  response.status(413).set('Connection', 'close').json(TOO_LARGE);
}

function hasBody({ headers }: Request): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

function notFound(request: Request, response: Response): void {
  if (hasBody(request)) response.set('Connection', 'close');
  response.status(404).type('text').send('Not Found');
}

/** Express knows an error handler by its four parameters. */
// oxlint-disable-next-line max-params -- as above
function badRequest(_error: unknown, _request: Request, response: Response, _next: NextFunction): void {
  response.status(400).type('text').send('Bad Request');
}
