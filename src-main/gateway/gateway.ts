import { createServer, type Server } from 'node:http';
import { join } from 'node:path';

import { fail, toErrorInfo } from '../contract/errors.ts';
import type { GatewayRunOptions } from '../contract/gateway-host.ts';
import type { Clock, Logger } from '../platform/ports.ts';
import { Authenticator } from './auth/authenticator.ts';
import { createGatewayState } from './gateway-state.ts';
import type { ConfigSource } from './methods/config-source.ts';
import { createHttpApp } from './http/http-app.ts';
import { Hub } from './protocol/hub.ts';
import type { PresenceEntry } from './protocol/presence.ts';
import { EventLoopMeter } from './server/event-loop-meter.ts';
import { toBlockList } from './server/ingress.ts';
import { addressesOf, listenOn } from './server/listen.ts';
import { SocketServer } from './server/socket-server.ts';
import { StabilityLog, watched } from './server/stability-log.ts';
import { Subscriptions } from './sessions/subscriptions.ts';
import { StateDatabase } from './state/state-database.ts';

export interface GatewayDeps {
  readonly clock: Clock;
  readonly log: Logger;
  /** Name of this computer, shown to clients. */
  readonly computer: string;
  readonly config: ConfigSource;
}

export interface RunningGateway {
  readonly port: number;
  /** `http://127.0.0.1:18789` */
  readonly url: string;
  /** Takes over what may change in a running gateway: secrets, allowed origins, trusted proxies. */
  reload(options: GatewayRunOptions): void;
  /** Tells clients why, lets started requests finish for up to 5 s, and resolves when nothing of it is left. */
  stop(reason: string): Promise<void>;
}

/** A secret that others can try must not be guessable. */
const MIN_SECRET_LENGTH = 16;

/**
 * Starts a gateway. The caller stops it.
 *
 * @throws AppError `gateway/bind-needs-secret`, `gateway/port-taken`, `gateway/address-unavailable`, `gateway/state-…`.
 */
export async function startGateway(options: GatewayRunOptions, deps: GatewayDeps): Promise<RunningGateway> {
  checkExposure(options);
  const addresses = addressesOf(options);
  const database = await openState(options, addresses);
  const meter = new EventLoopMeter();
  const parts = assemble(options, deps, { meter, database });
  const servers = addresses.map(() => createLimitedServer(parts.app));
  for (const server of servers) parts.sockets.attach(server);
  try {
    parts.setPort(await listenOn(servers, addresses, options.port));
  } catch (error) {
    meter.stop();
    await parts.hub.stop('not started');
    database.close();
    throw error;
  }
  const url = urlOf(addresses[0] ?? '', parts.port());
  deps.log.info('gateway listens', { url, bind: options.bind });
  return {
    port: parts.port(),
    url,
    reload: parts.reload,
    stop: async (reason) => {
      const closed = servers.map(closeServer);
      await parts.hub.stop(reason);
      parts.sockets.stop();
      for (const server of servers) server.closeAllConnections();
      await Promise.all(closed);
      // What took longer than the others would wait for is stopped, with what was said kept.
      await parts.state.runs.stop();
      meter.stop();
      database.close();
      deps.log.info('gateway stopped', { reason });
    },
  };
}

/** Whoever holds the state most likely listens on the port too, and about a port more can be done. */
async function openState({ home, port }: GatewayRunOptions, addresses: readonly string[]): Promise<StateDatabase> {
  try {
    return StateDatabase.open(join(home, 'state'));
  } catch (error) {
    if (toErrorInfo(error).code === 'gateway/state-in-use') {
      const probes = addresses.map(() => createServer());
      await listenOn(probes, addresses, port);
      for (const probe of probes) probe.close();
    }
    throw error;
  }
}

function checkExposure({ bind, auth }: GatewayRunOptions): void {
  if (bind === 'loopback') return;
  const secret = auth.mode === 'token' ? auth.token : auth.mode === 'password' ? auth.password : '';
  if (secret.length < MIN_SECRET_LENGTH) throw fail('gateway/bind-needs-secret', { bind });
}

interface Opened {
  readonly meter: EventLoopMeter;
  readonly database: StateDatabase;
}

function assemble(options: GatewayRunOptions, deps: GatewayDeps, { meter, database }: Opened) {
  const { clock, computer, config } = deps;
  let live = options;
  const startedAtMs = clock.now();
  const nowMs = (): number => clock.now();
  const stability = new StabilityLog(nowMs);
  const log = watched(deps.log, stability);
  let port = options.port;
  const subscriptions = new Subscriptions();
  const hub: Hub = new Hub({
    clock,
    self: selfEntry(options, computer, startedAtMs),
    onLeft: (connId) => subscriptions.forget(connId),
    accepted: () => state.runs.settle(),
  });
  const parts = {
    options: () => live,
    config,
    computer,
    clock,
    log,
    stability,
    meter,
    database,
    hub,
    subscriptions,
    startedAtMs,
  };
  const state = createGatewayState({ ...parts, port: () => port });
  const authenticator = new Authenticator(options.auth, clock);
  const trustedProxies = toBlockList(options.trustedProxies);
  const { allowedOrigins } = options.controlUi;
  const sockets = new SocketServer({ clock, log, state, authenticator, allowedOrigins, nowMs, hub, trustedProxies });
  const reload = (next: GatewayRunOptions): void => {
    live = next;
    void config.view().then((view) => state.configChanged(view));
  };
  stability.record('gateway.started', `version ${options.version}`);
  return {
    hub,
    state,
    sockets,
    reload,
    app: createHttpApp({ state, authenticator, trustedProxies }),
    port: () => port,
    setPort: (chosen: number) => {
      port = chosen;
    },
  };
}

function selfEntry({ version }: GatewayRunOptions, computer: string, atMs: number): PresenceEntry {
  return {
    host: computer,
    version,
    platform: process.platform,
    mode: 'gateway',
    reason: 'self',
    instanceId: `gateway-${process.pid}-${atMs}`,
    text: `Gateway on ${computer} (${version})`,
    ts: atMs,
  };
}

/** Slow or endless requests are cut off: headers within 10 s, the whole request within 30 s. */
function createLimitedServer(app: Parameters<typeof createServer>[1]): Server {
  const server = createServer({ maxHeaderSize: 16 * 1024 }, app);
  server.headersTimeout = 10_000;
  server.requestTimeout = 30_000;
  server.keepAliveTimeout = 5_000;
  return server;
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => void server.close(() => resolve()));
}

function urlOf(address: string, port: number): string {
  const host = address === '0.0.0.0' ? '127.0.0.1' : address.includes(':') ? `[${address}]` : address;
  return `http://${host}:${port}`;
}
