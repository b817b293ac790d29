import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';

import { takeFault, type Fault } from '../faults.ts';
import { nodeAt } from '../netmap.ts';
import { readJson, readText } from '../read-json.ts';
import { changeState, refusesConflicts } from '../state.ts';
import type { Known } from './known.ts';
import { Refusal, type Routes, type ServeConfig } from './routes.ts';
import { peersOf, statusDocument, whoisDocument } from './status.ts';

interface Context {
  readonly known: Known;
  readonly routes: Routes;
  readonly peerApi: number;
}

type Answer = (context: Context, request: IncomingMessage, url: URL) => Promise<unknown>;

const PREFIX = '/localapi/v0/';
/** Numbers of the states, ipn/backend.go. */
const STATES = ['NoState', 'InUseOtherUser', 'NeedsLogin', 'NeedsMachineAuth', 'Stopped', 'Starting', 'Running'];

/** What the real daemon answers on its socket, as far as somebody who serves a port asks it. */
const ANSWERS: Readonly<Record<string, Answer>> = {
  'GET status': async ({ known, peerApi }, _request, url) => {
    const map = await known.netmap();
    const document = statusDocument(known.state, map, peerApi);
    return map === null || url.searchParams.get('peers') === 'false' ? document : { ...document, Peer: peersOf(map) };
  },
  'GET whois': async ({ known }, _request, url) => {
    const asked = url.searchParams.get('addr') ?? '';
    const address = asked.replace(/^\[(.*)\](:\d+)?$/, '$1').replace(/^(\d+\.\d+\.\d+\.\d+):\d+$/, '$1');
    if (!/^(\d+\.\d+\.\d+\.\d+|[0-9a-f:]+)$/i.test(address)) throw new Refusal(400, "invalid 'addr' parameter");
    const map = await known.netmap();
    const found = map && whoisDocument(map, nodeAt(map, address));
    if (found === undefined || found === null) throw new Refusal(404, `no match for ${asked}`);
    return found;
  },
  'GET prefs': async ({ known }) => {
    const { shieldsUp, operatorUser } = known.state.prefs;
    return { ShieldsUp: shieldsUp, OperatorUser: operatorUser, WantRunning: known.state.backendState !== 'Stopped' };
  },
  'PATCH prefs': async ({ known }, request) => {
    const change = (await readJson(request)) as { ShieldsUp?: boolean; OperatorUser?: string; WantRunning?: boolean };
    const { prefs } = known.state;
    changeState(known.folder, {
      prefs: {
        shieldsUp: change.ShieldsUp ?? prefs.shieldsUp,
        operatorUser: change.OperatorUser ?? prefs.operatorUser,
      },
      ...(change.WantRunning === false && { backendState: 'Stopped' }),
    });
    return {};
  },
  'GET fake-feature': async ({ known }) => known.state.queryFeature,
  'POST fake-up': async ({ known }, request) => {
    const { loginServer, hostname, tags } = (await readJson(request)) as {
      readonly loginServer: string;
      readonly hostname: string;
      readonly tags: readonly string[];
    };
    await known.up(loginServer, hostname, tags);
    return {};
  },
  'POST logout': async ({ known }) => {
    changeState(known.folder, { backendState: 'NeedsLogin' });
    return {};
  },
  'POST fake-lag': async ({ routes }) => {
    routes.cancelAll();
    return {};
  },
};

/** The fake daemon's LocalAPI. */
export function localApi(context: Context): Server {
  return createServer((request, response) => {
    void serve(context, request, response).catch((error: unknown) => refuse(response, error));
  });
}

async function serve(context: Context, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://local-tailscaled.sock');
  checkSender(request);
  response.setHeader('Tailscale-Version', context.known.state.version.daemon);
  response.setHeader('Tailscale-Cap', '140');
  const endpoint = url.pathname.slice(PREFIX.length);
  const fault = takeFault(context.known.folder, `api:${request.method === 'POST' ? 'set-' : ''}${endpoint}`);
  if (fault !== undefined && (await isOverBy(fault, context, response))) return;
  if (endpoint === 'watch-ipn-bus') return watch(context, response);
  if (endpoint === 'serve-config') return serveConfig(context, request, response);
  const answer = ANSWERS[`${request.method} ${endpoint}`];
  if (answer === undefined) throw new Refusal(404, 'not found');
  const json = await answer(context, request, url);
  response.setHeader('Content-Type', 'application/json');
  response.end(JSON.stringify(fault?.kind === 'patch' ? merged(json, fault.json) : json));
}

/** A page that tries to reach the daemon is turned away. */
function checkSender({ headers: { origin, referer, host } }: IncomingMessage): void {
  const isOurs = host === 'local-tailscaled.sock' || host === '';
  if (origin !== undefined || referer !== undefined || !isOurs) throw new Refusal(403, 'invalid localapi request');
}

/** @returns whether nothing is left to be answered */
async function isOverBy(fault: Fault, context: Context, response: ServerResponse): Promise<boolean> {
  if (fault.kind === 'answer') response.writeHead(fault.status).end(fault.body);
  if (fault.kind === 'cut') response.destroy();
  if (fault.kind === 'delay') await new Promise((resolve) => setTimeout(resolve, fault.ms));
  if (fault.kind === 'foreign-claim') await claimForSomebodyElse(context, fault.port);
  return fault.kind === 'answer' || fault.kind === 'cut' || fault.kind === 'hang';
}

/** Between the look at the routes and the claim. */
async function claimForSomebodyElse({ known, routes }: Context, port: number): Promise<void> {
  const name = (await known.netmap())?.self.name ?? '';
  const part = {
    TCP: { [port]: { HTTPS: true } },
    Web: { [`${name}:${port}`]: { Handlers: { '/': { Proxy: 'http://127.0.0.1:1' } } } },
  };
  const Foreground = { ...routes.config.Foreground, [routes.openSession(() => undefined)]: part };
  routes.replace({ ...routes.config, Foreground }, { etag: '', judges: false });
}

/** Keeps a session for as long as its connection lives. */
function watch({ known, routes }: Context, response: ServerResponse): void {
  const id = routes.openSession(() => response.end());
  response.once('close', () => routes.closeSession(id));
  const { version, backendState } = known.state;
  const first = { Version: version.daemon, SessionID: id, State: STATES.indexOf(backendState) };
  response.write(`${JSON.stringify(first)}\n`);
}

async function serveConfig(
  { known, routes }: Context,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { state } = known;
  if (request.method === 'GET') {
    const isKnown = state.backendState !== 'NeedsLogin' && Object.keys(routes.config).length > 0;
    response.setHeader('Etag', routes.etag);
    response.end(JSON.stringify(isKnown ? routes.config : null));
    return;
  }
  const next = (JSON.parse(await readText(request)) ?? {}) as ServeConfig;
  if (state.isReadOnly) throw new Refusal(403, 'serve config denied');
  if (state.prefs.shieldsUp && opensFunnel(next)) {
    throw new Refusal(500, 'updating config: Unable to turn on Funnel while shields-up is enabled');
  }
  const etag = request.headers['if-match'] ?? '';
  routes.replace(next, { etag, judges: refusesConflicts(state.version.daemon) });
  response.end();
}

function opensFunnel(config: ServeConfig): boolean {
  return [config, ...Object.values(config.Foreground ?? {})].some(({ AllowFunnel }) =>
    Object.values(AllowFunnel ?? {}).includes(true),
  );
}

/** Errors of the daemon are JSON, those of its door are text. */
function refuse(response: ServerResponse, error: unknown): void {
  const { status, message } = error instanceof Refusal ? error : new Refusal(500, String(error));
  const body = status === 500 || status === 412 ? JSON.stringify({ error: message }) : `${message}\n`;
  response.writeHead(status).end(body);
}

/** RFC 7396: `null` in a patch stays `null`, because the real daemon answers it. */
export function merged(json: unknown, patch: Readonly<Record<string, unknown>>): unknown {
  const whole = { ...(json as Record<string, unknown>) };
  for (const [key, value] of Object.entries(patch)) {
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    whole[key] = isObject ? merged(whole[key] ?? {}, value as Record<string, unknown>) : value;
  }
  return whole;
}
