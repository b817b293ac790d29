import type { Server } from 'node:http';

import type { GatewayRunOptions } from '../contract/gateway-host.ts';
import type { Clock, Logger } from '../platform/ports.ts';
import { AccessRules, checkExposure } from './access-rules.ts';
import { createGatewayState } from './gateway-state.ts';
import { createHttpApp } from './http/http-app.ts';
import type { ConfigSource } from '../contract/config-view.ts';
import type { GatewayState } from './methods/method.ts';
import { Hub } from './protocol/hub.ts';
import type { PresenceEntry } from './protocol/presence.ts';
import type { EventLoopMeter } from './server/event-loop-meter.ts';
import { Routes } from './routes/routes.ts';
import { createLimitedServer } from './server/http-server.ts';
import type { Listener } from './server/listener.ts';
import type { ServedCertificate } from './server/served-certificate.ts';
import { SocketServer } from './server/socket-server.ts';
import { StabilityLog, watched } from './server/stability-log.ts';
import { Subscriptions } from './sessions/subscriptions.ts';
import type { StateDatabase } from './state/state-database.ts';

export interface GatewayDeps {
  readonly clock: Clock;
  readonly log: Logger;
  /** Name of this computer, shown to clients. */
  readonly computer: string;
  readonly config: ConfigSource;
}

/** What was opened for the gateway and is closed with it. */
export interface Opened {
  readonly meter: EventLoopMeter;
  readonly database: StateDatabase;
}

export interface GatewayParts {
  readonly hub: Hub;
  readonly state: GatewayState;
  readonly sockets: SocketServer;
  readonly routes: Routes;
  /** The servers of the listeners, in their order; none listens yet. */
  createServers(listeners: readonly Listener[], certificate: ServedCertificate | undefined): readonly Server[];
  /** The port it really listens on. */
  setPort(port: number): void;
  /** @throws AppError `gateway/bind-needs-secret`, `tailscale/needs-…`; everything is then as it was. */
  reload(options: GatewayRunOptions): void;
}

/** Puts a gateway together, without listening. */
export function assembleGateway(options: GatewayRunOptions, deps: GatewayDeps, opened: Opened): GatewayParts {
  const { clock, config } = deps;
  let live = options;
  let port = options.port;
  const startedAtMs = clock.now();
  const stability = new StabilityLog(() => clock.now());
  const log = watched(deps.log, stability);
  const rules = new AccessRules(options, clock);
  const subscriptions = new Subscriptions();
  const self = selfEntry(options, deps.computer, startedAtMs);
  const hub: Hub = createHub({ clock, self, subscriptions, state: () => state });
  const state = createGatewayState({
    ...deps,
    ...opened,
    options: () => live,
    log,
    stability,
    hub,
    subscriptions,
    startedAtMs,
    nodeRules: () => rules.nodes,
    port: () => port,
  });
  stability.record('gateway.started', `version ${options.version}`);
  const gate = listening(rules, { clock, log, hub, state });
  return {
    hub,
    state,
    ...gate,
    setPort: (chosen) => {
      port = chosen;
    },
    reload: (next) => {
      checkExposure(options, next.auth);
      gate.routes.check(next.auth);
      live = next;
      if (rules.update(next)) hub.closeAll(4001, 'gateway auth changed');
      config.view().then(
        (view) => state.configChanged(view),
        (error: unknown) => log.warn('the configuration could not be shown', { error }),
      );
    },
  };
}

interface Shared {
  readonly clock: Clock;
  readonly log: Logger;
  readonly hub: Hub;
  readonly state: GatewayState;
}

/** What stands between the port and the rest. */
function listening(rules: AccessRules, { clock, log, hub, state }: Shared) {
  const { authenticator, ingress } = rules;
  const sockets = new SocketServer({
    clock,
    log,
    state,
    authenticator,
    ingress,
    hub,
    nowMs: () => clock.now(),
    devices: state.devices,
    allowedOrigins: () => rules.allowedOrigins,
    approvesLocal: () => rules.nodes.autoApproveLocal,
  });
  const app = createHttpApp({ state, authenticator, ingress });
  const createServer = (listener: Listener, certificate?: ServedCertificate): Server => {
    const server = createLimitedServer(app, { ingress, listener, certificate });
    sockets.attach(server, listener);
    return server;
  };
  const createServers = (listeners: readonly Listener[], certificate: ServedCertificate | undefined) =>
    listeners.map((listener) => createServer(listener, certificate));
  const routes = new Routes({ nowMs: () => clock.now(), log, authenticator, ingress, hub, sockets, createServer });
  return { sockets, routes, createServers };
}

function createHub(parts: {
  readonly clock: Clock;
  readonly self: PresenceEntry;
  readonly subscriptions: Subscriptions;
  readonly state: () => GatewayState;
}): Hub {
  const { clock, self, subscriptions, state } = parts;
  return new Hub({
    clock,
    self,
    onJoined: (connection) => {
      const { nodeId, surface } = connection;
      if (nodeId !== undefined) state().nodes.joined(nodeId, connection, surface);
    },
    onLeft: ({ id, nodeId }) => {
      subscriptions.forget(id);
      if (nodeId !== undefined) state().nodes.left(nodeId, id);
    },
    accepted: () => state().runs.settle(),
  });
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
