import { randomUUID } from 'node:crypto';

import type { GatewayRunOptions, NodeRules } from '../contract/gateway-host.ts';
import type { Clock, Logger } from '../platform/ports.ts';
import { AgentRoster } from './agents/agent.ts';
import type { ConciergeFacts } from './agents/concierge-reply.ts';
import { createConcierge } from './agents/concierge.ts';
import { RunBook } from './agents/run-book.ts';
import { RunLedger } from './agents/run-ledger.ts';
import { DeviceRegistry } from './devices/device-registry.ts';
import { NodeInvocations } from './devices/node-invocations.ts';
import { NodeRegistry } from './devices/node-registry.ts';
import type { ConfigSource } from '../contract/config-view.ts';
import { configChangeTeller } from './methods/config.ts';
import { createHealthSnapshot } from './methods/health.ts';
import type { GatewayState } from './methods/method.ts';
import { METHODS } from './methods/table.ts';
import type { Hub } from './protocol/hub.ts';
import { publishTo, type Publish } from './protocol/publish.ts';
import type { EventLoopMeter } from './server/event-loop-meter.ts';
import type { StabilityLog } from './server/stability-log.ts';
import { SessionEvents } from './sessions/session-events.ts';
import { toSessionRow } from './sessions/session-row.ts';
import { SessionStore } from './sessions/session-store.ts';
import type { Subscriptions } from './sessions/subscriptions.ts';
import { readIdentity } from './state/gateway-identity.ts';
import type { StateDatabase } from './state/state-database.ts';

export interface GatewayStateParts {
  /** As they are now. */
  readonly options: () => GatewayRunOptions;
  readonly config: ConfigSource;
  readonly computer: string;
  readonly clock: Clock;
  readonly log: Logger;
  readonly stability: StabilityLog;
  readonly meter: EventLoopMeter;
  readonly database: StateDatabase;
  readonly hub: Hub;
  readonly subscriptions: Subscriptions;
  readonly startedAtMs: number;
  readonly nodeRules: () => NodeRules;
  /** Port it really listens on. */
  readonly port: () => number;
}

/** Puts together what the methods work with. */
export function createGatewayState(parts: GatewayStateParts): GatewayState {
  const { options, config, computer, clock, log, stability, meter, database, hub, subscriptions, startedAtMs, port } =
    parts;
  const nowMs = (): number => clock.now();
  const sessions = new SessionStore(database);
  const ledger = new RunLedger(database);
  database.transaction(() => ledger.tidy(nowMs()));
  const publish = publishTo(() => hub.connections);
  const row = (key: string) => {
    const session = sessions.find(key);
    return session && toSessionRow(session, { sessions, ledger, runs });
  };
  const sessionEvents = new SessionEvents({ publish, subscriptions, nowMs, row });
  const runs = new RunBook({ database, sessions, ledger, events: sessionEvents, clock, log });
  const agents = new AgentRoster([createConcierge(() => conciergeFacts(state))]);
  const state: GatewayState = {
    version: options().version,
    instanceId: randomUUID(),
    computer,
    get options() {
      return options();
    },
    config,
    configChanged: configChangeTeller({ publish, nowMs }),
    log,
    stability,
    database,
    ...pairingState(parts, publish),
    identity: readIdentity(database),
    sessions,
    ledger,
    runs,
    agents,
    subscriptions,
    sessionEvents,
    publish,
    port,
    nowMs,
    within: (limitMs, work) => within(clock, limitMs, work),
    uptimeMs: () => nowMs() - startedAtMs,
    health: createHealthSnapshot(() => state),
    eventLoop: () => meter.read(),
    connectionCount: () => hub.count,
    presence: () => hub.presence,
    stateVersion: () => hub.stateVersion,
  };
  return state;
}

/** Who is paired, and which nodes are here. */
function pairingState({ database, clock, hub, log, nodeRules }: GatewayStateParts, publish: Publish) {
  const nowMs = (): number => clock.now();
  const devices = new DeviceRegistry({
    database,
    nowMs,
    publish,
    // After the answer: a device that changes its own token is told the new one first.
    onAccessLost: (deviceId, role) => void setImmediate(() => hub.closeDevice(deviceId, role)),
  });
  const invocations = new NodeInvocations(clock);
  const nodes = new NodeRegistry({
    devices,
    rules: nodeRules,
    nowMs,
    log,
    onGone: (connId) => invocations.lost(connId),
  });
  const isDeviceConnected = (deviceId: string): boolean => hub.isDeviceConnected(deviceId);
  return { devices, nodes, invocations, nodeRules, isDeviceConnected };
}

function conciergeFacts(state: GatewayState): ConciergeFacts {
  const { options, sessions, agents } = state;
  return {
    version: state.version,
    computer: state.computer,
    uptimeMs: state.uptimeMs(),
    nowMs: state.nowMs(),
    address: `port ${state.port()}`,
    bind: options.bind,
    authMode: options.auth.mode,
    clients: state.presence().flatMap(({ reason, host }) => (reason === 'self' ? [] : [host])),
    connections: state.connectionCount(),
    agents: agents.all.map(({ id }) => id),
    tools: [],
    methods: Object.keys(METHODS).length,
    sessions: sessions.summary(10),
    memoryBytes: process.memoryUsage.rss(),
    eventLoop: state.eventLoop(),
  };
}

async function within(clock: Clock, limitMs: number, work: Promise<unknown>): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const disarm = clock.after(limitMs, resolve);
  await Promise.race([work, promise]);
  disarm();
}
