import { z } from 'zod';

import type { GatewayState, Method } from './method.ts';

/** What stands in the place of a secret; clients know not to write it back. */
const REDACTED = '__OPENCLAW_REDACTED__';

/** The configuration as it runs, in the keys of the configuration file and without secrets. */
function running({ options }: GatewayState): Record<string, unknown> {
  const { bind, auth, controlUi, trustedProxies, port } = options;
  const secret = auth.mode === 'none' ? {} : { [auth.mode]: REDACTED };
  return {
    gateway: {
      mode: 'local',
      port,
      bind,
      auth: { mode: auth.mode, ...secret },
      controlUi: { enabled: controlUi.enabled, allowedOrigins: controlUi.allowedOrigins },
      trustedProxies,
    },
  };
}

export const configGet: Method = {
  scope: 'operator.read',
  params: z.strictObject({}).optional(),
  run: (state) => {
    const config = running(state);
    return { valid: true, parsed: config, resolved: config, config };
  },
};

/** There are no channels here yet. */
export const channelsStatus: Method = {
  scope: 'operator.read',
  params: z.looseObject({ probe: z.boolean().optional(), timeoutMs: z.number().optional() }).optional(),
  run: (state) => ({
    ts: state.nowMs(),
    channelOrder: [],
    channelLabels: {},
    channelDetailLabels: {},
    channelSystemImages: {},
    channelMeta: [],
    channels: {},
    channelAccounts: {},
    channelDefaultAccountId: {},
    eventLoop: state.eventLoop(),
  }),
};
