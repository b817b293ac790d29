import { healthPayload } from '../methods/health.ts';
import type { GatewayState } from '../methods/method.ts';
import { METHODS } from '../methods/table.ts';
import { PROTOCOL, type Admitted } from './admission.ts';
import { POLICY } from './policy.ts';

export const EVENTS = ['tick', 'presence', 'shutdown'] as const;

/** The answer that lets a client in. Only fields of the published schema: closed clients reject others. */
export function helloOk({ role, scopes }: Admitted, connId: string, state: GatewayState): Record<string, unknown> {
  return {
    type: 'hello-ok',
    protocol: PROTOCOL,
    server: { version: state.version, connId },
    features: { methods: Object.keys(METHODS), events: EVENTS },
    snapshot: {
      presence: state.presence(),
      health: healthPayload(state),
      stateVersion: { presence: state.presenceVersion(), health: 0 },
      uptimeMs: state.uptimeMs(),
    },
    auth: { role, scopes },
    policy: POLICY,
  };
}
