import { isDeepStrictEqual } from 'node:util';

import {
  allowsIdentity,
  type GatewayAuth,
  type GatewayRunOptions,
  type TailscaleOptions,
} from '../contract/gateway-host.ts';
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
  const auth = reloadedAuth(running, before, after);
  const needsRestart = [
    ...AT_START_ONLY.filter((key) => before[key] !== after[key] && running[key] !== after[key]),
    ...(wantedMode(running, before, after) === auth.mode ? [] : ['auth.mode']),
    ...(before.controlUi.enabled === after.controlUi.enabled ? [] : ['controlUi.enabled']),
    ...(isDeepStrictEqual(before.tls, after.tls) ? [] : ['tls']),
  ];
  const { allowedOrigins } = after.controlUi;
  const isSame = (read: (config: GatewayConfig) => unknown): boolean => isDeepStrictEqual(read(before), read(after));
  return {
    needsRestart: needsRestart.map((key) => `gateway.${key}`),
    options: {
      ...running,
      auth,
      // Only the file says anything about these.
      rateLimit: after.auth.rateLimit,
      tailscale: {
        ...reloadedRoute(running.tailscale, before.tailscale, after.tailscale),
        allowIdentity: allowsIdentity(after.auth.allowTailscale, auth.mode),
        allowedUserIds: after.tailscale.allowedUserIds,
      },
      nodes: after.nodes,
      ...(isSame(({ trustedProxies }) => trustedProxies) ? {} : { trustedProxies: after.trustedProxies }),
      ...(isSame(({ controlUi }) => controlUi.allowedOrigins)
        ? {}
        : { controlUi: { ...running.controlUi, allowedOrigins } }),
    },
  };
}

type Route = Pick<TailscaleOptions, 'mode' | 'port' | 'resetOnExit' | 'given'>;

/** What the file asks for beside what the command line does: which of them counts is decided where they are carried out. */
function reloadedRoute({ given, resetOnExit }: Route, before: Route, { mode, port, resetOnExit: next }: Route): Route {
  return { mode, port, given, resetOnExit: resetOnExit === before.resetOnExit ? next : resetOnExit };
}

type Mode = GatewayAuth['mode'];

/** What the file asks for now, unless it never had a say or says the same as before. */
function wantedMode(running: GatewayRunOptions, before: GatewayConfig, after: GatewayConfig): Mode {
  const { auth, authSources } = running;
  const isSame = isDeepStrictEqual(saysOfMode(before), saysOfMode(after));
  if (isSame || authSources === undefined || authSources.isModeGiven) return auth.mode;
  return impliedMode(after) ?? authSources.otherwise;
}

function saysOfMode({ auth: { mode, token, password } }: GatewayConfig): readonly unknown[] {
  return [mode, token !== undefined, password !== undefined];
}

/** Both secrets without a mode are refused with the file. */
function impliedMode({ auth: { mode, token, password } }: GatewayConfig): Mode | undefined {
  return mode ?? (token !== undefined ? 'token' : password !== undefined ? 'password' : undefined);
}

/**
 * How one signs in from now on. A secret that the file no longer holds stays in force: otherwise a slip of the pen would
 * lock everybody out. A mode for which no secret is known waits for the next start.
 */
function reloadedAuth(running: GatewayRunOptions, before: GatewayConfig, after: GatewayConfig): GatewayAuth {
  const { auth, authSources } = running;
  const mode = wantedMode(running, before, after);
  if (mode === auth.mode) return withNewSecret(auth, before, after);
  if (mode === 'none') return { mode };
  if (mode === 'token') {
    const token = after.auth.token ?? authSources?.token;
    return token === undefined ? auth : { mode, token };
  }
  const password = after.auth.password ?? authSources?.password;
  return password === undefined ? auth : { mode, password };
}

function withNewSecret(running: GatewayAuth, before: GatewayConfig, after: GatewayConfig): GatewayAuth {
  if (running.mode === 'token' && running.token === before.auth.token) {
    return { mode: 'token', token: after.auth.token ?? running.token };
  }
  if (running.mode === 'password' && running.password === before.auth.password) {
    return { mode: 'password', password: after.auth.password ?? running.password };
  }
  return running;
}
