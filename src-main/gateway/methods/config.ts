import { z } from 'zod';

import { REDACTED, type ConfigIssue, type ConfigView } from '../../contract/config-view.ts';
import { invalid } from './method-error.ts';
import { defineMethod, type GatewayState } from './method.ts';

/** The configuration as it runs, in the keys of the configuration file and without secrets. */
function running({ options, port }: GatewayState): Record<string, unknown> {
  const { bind, auth, controlUi, trustedProxies } = options;
  const secret = auth.mode === 'none' ? {} : { [auth.mode]: REDACTED };
  return {
    gateway: {
      mode: 'local',
      port: port(),
      bind,
      auth: { mode: auth.mode, ...secret },
      controlUi: { enabled: controlUi.enabled, allowedOrigins: controlUi.allowedOrigins },
      trustedProxies,
    },
  };
}

export const configGet = defineMethod({
  scope: 'operator.read',
  params: z.object({}).prefault({}),
  run: async (state) => {
    const { path, exists, hash, valid, raw = null, parsed, issues } = await state.config.view();
    const resolved = running(state);
    return { path, exists, hash, valid, raw, parsed, sourceConfig: parsed, resolved, config: resolved, issues };
  },
});

export const configPatch = defineMethod({
  scope: 'operator.admin',
  params: z.object({ raw: z.string().min(1).max(1_000_000), baseHash: z.string().optional() }),
  run: async (state, { raw, baseHash }) => {
    if (baseHash === undefined) throw invalid('config base hash required; re-run config.get and retry with baseHash');
    const outcome = await state.config.patch(raw, baseHash);
    if (outcome.status === 'stale') throw invalid('config changed since last load; re-run config.get and retry');
    if (outcome.status === 'invalid') throw invalidConfig(outcome.issues);
    const { view, changedPaths } = outcome;
    state.configChanged(view);
    return { ok: true, path: view.path, hash: view.hash, config: view.parsed, changedPaths };
  },
});

function invalidConfig(issues: readonly ConfigIssue[]): Error {
  const text = issues.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`)).join('; ');
  return invalid(`invalid config: ${text}`, { issues });
}

/** Tells of a changed file, once per content. */
export function configChangeTeller({ publish, nowMs }: Pick<GatewayState, 'publish' | 'nowMs'>) {
  let told: string | undefined;
  return ({ path, hash }: ConfigView): void => {
    if (hash === told) return;
    told = hash;
    publish('config.changed', { path, hash, ts: nowMs() });
  };
}

/** There are no channels here yet. */
export const channelsStatus = defineMethod({
  scope: 'operator.read',
  params: z.object({ probe: z.boolean().optional(), timeoutMs: z.number().optional() }).prefault({}),
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
});
