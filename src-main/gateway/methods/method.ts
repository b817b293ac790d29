import type { z } from 'zod';

import type { GatewayRunOptions, NodeRules } from '../../contract/gateway-host.ts';
import type { Logger } from '../../platform/ports.ts';
import type { AgentRoster } from '../agents/agent.ts';
import type { RunBook } from '../agents/run-book.ts';
import type { RunLedger } from '../agents/run-ledger.ts';
import type { DeviceRegistry } from '../devices/device-registry.ts';
import type { NodeInvocations } from '../devices/node-invocations.ts';
import type { NodeRegistry } from '../devices/node-registry.ts';
import type { PresenceEntry } from '../protocol/presence.ts';
import type { Publish } from '../protocol/publish.ts';
import type { Written } from '../protocol/written.ts';
import type { EventLoopReading } from '../server/event-loop-meter.ts';
import type { StabilityLog } from '../server/stability-log.ts';
import type { SessionEvents } from '../sessions/session-events.ts';
import type { SessionStore } from '../sessions/session-store.ts';
import type { Subscriptions } from '../sessions/subscriptions.ts';
import type { GatewayIdentity } from '../state/gateway-identity.ts';
import type { StateDatabase } from '../state/state-database.ts';
import type { ConfigSource, ConfigView } from '../../contract/config-view.ts';

/** What methods may use. Every value is measured, or honestly empty. */
export interface GatewayState {
  readonly version: string;
  /** Differs from start to start. */
  readonly instanceId: string;
  readonly computer: string;
  /** As they are now: some of them change while it runs. */
  readonly options: GatewayRunOptions;
  readonly config: ConfigSource;
  readonly configChanged: (view: ConfigView) => void;
  readonly log: Logger;
  readonly stability: StabilityLog;
  readonly database: StateDatabase;
  readonly devices: DeviceRegistry;
  readonly nodes: NodeRegistry;
  readonly invocations: NodeInvocations;
  readonly nodeRules: () => NodeRules;
  readonly isDeviceConnected: (deviceId: string) => boolean;
  readonly identity: GatewayIdentity;
  readonly sessions: SessionStore;
  readonly ledger: RunLedger;
  readonly runs: RunBook;
  readonly agents: AgentRoster;
  readonly subscriptions: Subscriptions;
  readonly sessionEvents: SessionEvents;
  readonly publish: Publish;
  /** Port it really listens on. */
  readonly port: () => number;
  readonly nowMs: () => number;
  /** Resolves with the work or when the time is over. */
  readonly within: (limitMs: number, work: Promise<unknown>) => Promise<void>;
  readonly uptimeMs: () => number;
  /** Taken within the last second. */
  readonly health: () => Written;
  readonly eventLoop: () => EventLoopReading;
  /** Of clients that were let in. */
  readonly connectionCount: () => number;
  readonly presence: () => readonly PresenceEntry[];
  readonly stateVersion: () => { readonly presence: number; readonly health: number };
}

/** What an operator must hold; `node` is for nodes, which hold no scopes. */
export type Scope = 'operator.read' | 'operator.write' | 'operator.admin' | 'operator.pairing' | 'node';

/** Who calls. */
export interface Caller {
  readonly connId: string;
  readonly role: 'operator' | 'node';
  readonly scopes: readonly string[];
  /** Absent for programs that have no identity of their own. A node is its device. */
  readonly deviceId: string | undefined;
  /** Whether it was let in with the token of its device. */
  readonly hasDeviceToken: boolean;
  /** Sends the first of two answers to a request that takes long; the result of `run` is the second. */
  readonly accept: (payload: unknown) => void;
}

/** One method: who may call it, what it takes, what it gives. */
export interface Method<Params = unknown> {
  readonly scope: Scope;
  /** Also for nodes and for clients without any scope: probes ask for health before they sign in. */
  readonly openToProbes?: boolean;
  readonly params: z.ZodType<Params>;
  /** @throws MethodError what the client is told; AppError is told with its sentence, anything else as internal. */
  run(state: GatewayState, params: Params, caller: Caller): unknown;
}

/** Keeps the type of the parameters while a method is written; the table needs it no more. */
export function defineMethod<Params>(method: Method<Params>): Method {
  return method;
}
