import type { GatewayRunOptions } from '../contract/gateway-host.ts';
import { createNodeFiles } from '../platform/node-files.ts';
import type { Clock, Logger } from '../platform/ports.ts';
import { findSocketOwner, type SocketEnds, type SocketOwner } from '../platform/socket-owner.ts';
import { AccessRules, checkExposure } from './access-rules.ts';
import { Entrance } from './entrance.ts';
import { createGatewayState } from './gateway-state.ts';
import type { ConfigSource } from '../contract/config-view.ts';
import type { GatewayState } from './methods/method.ts';
import type { Connection } from './protocol/connection.ts';
import { Hub } from './protocol/hub.ts';
import type { PresenceEntry } from './protocol/presence.ts';
import type { EventLoopMeter } from './server/event-loop-meter.ts';
import { StabilityLog, watched } from './server/stability-log.ts';
import { Subscriptions } from './sessions/subscriptions.ts';
import type { StateDatabase } from './state/state-database.ts';

export interface GatewayDeps {
  readonly clock: Clock;
  readonly log: Logger;
  /** Name of this computer, shown to clients. */
  readonly computer: string;
  readonly config: ConfigSource;
  /** Says whose program holds the other end of a connection; the one of this platform unless given. */
  readonly ownerOf?: (ends: SocketEnds) => Promise<SocketOwner>;
}

/** What was opened for the gateway and is closed with it. */
export interface Opened {
  readonly meter: EventLoopMeter;
  readonly database: StateDatabase;
}

export interface GatewayParts {
  readonly hub: Hub;
  readonly state: GatewayState;
  readonly entrance: Entrance;
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
  const hub: Hub = createHub({
    clock,
    self,
    subscriptions,
    state: () => state,
    joined: (each) => entrance.joined(each),
    answered: () => entrance.answers.settled(),
  });
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
  const entrance = new Entrance({ rules, clock, log, hub, state, ownerOf: deps.ownerOf ?? ownerOnThisPlatform });
  return {
    hub,
    state,
    entrance,
    setPort: (chosen) => {
      port = chosen;
    },
    reload: (next) => {
      checkExposure(options, next.auth);
      entrance.routes.check(next.auth);
      live = next;
      if (rules.update(next)) hub.closeAll(4001, 'gateway auth changed');
      entrance.watch.rulesChanged();
      config.view().then(
        (view) => state.configChanged(view),
        (error: unknown) => log.warn('the configuration could not be shown', { error }),
      );
    },
  };
}

function createHub(parts: {
  readonly clock: Clock;
  readonly self: PresenceEntry;
  readonly subscriptions: Subscriptions;
  readonly state: () => GatewayState;
  readonly joined: (connection: Connection) => void;
  /** Resolves when what was asked over HTTP was answered. */
  readonly answered: () => Promise<void>;
}): Hub {
  const { clock, self, subscriptions, state, joined, answered } = parts;
  return new Hub({
    clock,
    self,
    onJoined: (connection) => {
      const { nodeId, surface } = connection;
      joined(connection);
      if (nodeId !== undefined) state().nodes.joined(nodeId, connection, surface);
    },
    onLeft: ({ id, nodeId }) => {
      subscriptions.forget(id);
      if (nodeId !== undefined) state().nodes.left(nodeId, id);
    },
    health: () => state().health().text,
    accepted: async () => void (await Promise.all([state().runs.settle(), answered()])),
  });
}

function ownerOnThisPlatform(ends: SocketEnds): Promise<SocketOwner> {
  return findSocketOwner(ends, { files: createNodeFiles(), platform: process.platform });
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
