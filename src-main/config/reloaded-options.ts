import { isDeepStrictEqual } from 'node:util';

import type { GatewayAuth, GatewayRunOptions } from '../contract/gateway-host.ts';
import type { GatewayConfig } from './gateway-config.ts';

export interface Reloaded {
  readonly options: GatewayRunOptions;
  /** Keys that are different and count from the next start only. */
  readonly needsRestart: readonly string[];
}

const AT_START_ONLY = ['port', 'bind', 'host'] as const;

/**
 * The options of a running gateway after its file changed. Only what differs in the file is taken over, and only where
 * the file decided before: what was given on the command line, by the environment or by the app goes on to count.
 */
export function reloadedOptions(running: GatewayRunOptions, before: GatewayConfig, after: GatewayConfig): Reloaded {
  const needsRestart = [
    ...AT_START_ONLY.filter((key) => before[key] !== after[key] && running[key] !== after[key]),
    ...(before.auth.mode !== after.auth.mode && (after.auth.mode ?? running.auth.mode) !== running.auth.mode
      ? ['auth.mode']
      : []),
    ...(before.controlUi.enabled === after.controlUi.enabled ? [] : ['controlUi.enabled']),
    ...(isDeepStrictEqual(before.tls, after.tls) ? [] : ['tls']),
  ];
  const { allowedOrigins } = after.controlUi;
  const isSame = (read: (config: GatewayConfig) => unknown): boolean => isDeepStrictEqual(read(before), read(after));
  return {
    needsRestart: needsRestart.map((key) => `gateway.${key}`),
    options: {
      ...running,
      auth: reloadedAuth(running.auth, before, after),
      // Only the file says anything about these.
      rateLimit: after.auth.rateLimit,
      nodes: after.nodes,
      ...(isSame(({ trustedProxies }) => trustedProxies) ? {} : { trustedProxies: after.trustedProxies }),
      ...(isSame(({ controlUi }) => controlUi.allowedOrigins)
        ? {}
        : { controlUi: { ...running.controlUi, allowedOrigins } }),
    },
  };
}

/** A secret that the file no longer holds stays in force: otherwise a slip of the pen would lock everybody out. */
function reloadedAuth(running: GatewayAuth, before: GatewayConfig, after: GatewayConfig): GatewayAuth {
  if (running.mode === 'token' && running.token === before.auth.token) {
    return { mode: 'token', token: after.auth.token ?? running.token };
  }
  if (running.mode === 'password' && running.password === before.auth.password) {
    return { mode: 'password', password: after.auth.password ?? running.password };
  }
  return running;
}
