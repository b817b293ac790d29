import type { z } from 'zod';

import type { GatewayRunOptions } from '../../contract/gateway-host.ts';
import type { PresenceEntry } from '../protocol/presence.ts';
import type { EventLoopReading } from '../server/event-loop-meter.ts';
import type { StateDatabase } from '../state/state-database.ts';

/** What methods may read. Every value is measured, or honestly empty. */
export interface GatewayState {
  readonly version: string;
  readonly computer: string;
  readonly options: GatewayRunOptions;
  readonly database: StateDatabase;
  /** Port it really listens on. */
  readonly port: () => number;
  readonly nowMs: () => number;
  readonly uptimeMs: () => number;
  readonly eventLoop: () => EventLoopReading;
  readonly presence: () => readonly PresenceEntry[];
  readonly presenceVersion: () => number;
}

export type Scope = 'operator.read' | 'operator.write' | 'operator.admin' | 'operator.pairing';

/** One method: who may call it, what it takes, what it gives. */
export interface Method {
  readonly scope: Scope;
  /** Also for clients without any scope: probes ask for health before they sign in. */
  readonly openToProbes?: boolean;
  readonly params: z.ZodType;
  readonly run: (state: GatewayState) => unknown;
}
