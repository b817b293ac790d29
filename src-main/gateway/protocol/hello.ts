import { dirname } from 'node:path';

import type { GatewayState } from '../methods/method.ts';
import { METHODS } from '../methods/table.ts';
import { MAIN_KEY, toAddress } from '../sessions/session-key.ts';
import { PROTOCOL, type Admitted } from './admission.ts';
import { POLICY } from './policy.ts';
import { EVENT_SCOPES } from './publish.ts';

const EVENTS = ['connect.challenge', 'tick', 'presence', 'health', 'shutdown', ...Object.keys(EVENT_SCOPES)];

/** What clients ask for before they call: `models list` of the command line needs the catalogue of models. */
const CAPABILITIES = ['published-model-catalog'];

/** The answer that lets a client in. Only fields of the published schema: closed clients reject others. */
export function helloOk(
  { role, scopes, deviceToken }: Admitted,
  connId: string,
  state: GatewayState,
): Record<string, unknown> {
  return {
    type: 'hello-ok',
    protocol: PROTOCOL,
    server: { version: state.version, connId },
    features: { methods: Object.keys(METHODS), events: EVENTS, capabilities: CAPABILITIES },
    snapshot: {
      presence: state.presence(),
      health: state.health(),
      stateVersion: state.stateVersion(),
      uptimeMs: state.uptimeMs(),
      sessionDefaults: {
        defaultAgentId: state.agents.defaultId,
        mainKey: MAIN_KEY,
        mainSessionKey: toAddress(MAIN_KEY, state.agents.defaultId).key,
        scope: 'per-sender',
      },
      stateDir: dirname(state.database.file),
      authMode: state.options.auth.mode,
    },
    auth: {
      role,
      scopes,
      ...(deviceToken !== undefined && { deviceToken: deviceToken.token, issuedAtMs: deviceToken.issuedAtMs }),
    },
    policy: POLICY,
  };
}
