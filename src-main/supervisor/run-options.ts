import { fail } from '../contract/errors.ts';
import type { GatewayAuth, GatewayRunOptions } from '../contract/gateway-host.ts';
import { LOCAL_GATEWAY } from '../contract/snapshot.ts';
import type { GatewayConfig, LoadedGatewayConfig } from '../config/gateway-config.ts';
import type { SecretStore } from '../platform/ports.ts';
import { generateToken } from '../secrets/generate-token.ts';
import { tokenName } from './handlers.ts';

export interface RunOptionSources {
  readonly loaded: LoadedGatewayConfig;
  readonly secrets: SecretStore;
  readonly env: NodeJS.ProcessEnv;
  /** Home folder of the gateway. */
  readonly home: string;
  readonly version: string;
  readonly controlUiRoot: string;
  /** What was asked for on the command line or in the settings; it wins over the configuration. */
  readonly overrides: {
    readonly port?: number | undefined;
    readonly bind?: GatewayRunOptions['bind'] | undefined;
    readonly host?: string | undefined;
    readonly authMode?: GatewayAuth['mode'] | undefined;
  };
}

/**
 * Brings configuration, environment, secret store and command line together.
 *
 * @throws AppError the configuration's own error when it is so broken that a start could be weaker than meant.
 */
export async function resolveRunOptions(sources: RunOptionSources): Promise<GatewayRunOptions> {
  const { loaded, overrides, home, version, controlUiRoot } = sources;
  if (loaded.fatal !== undefined) throw fail(loaded.fatal.code, loaded.fatal.params);
  const { gateway } = loaded.config;
  return {
    home,
    version,
    bind: overrides.bind ?? gateway.bind,
    host: overrides.host ?? gateway.host,
    port: overrides.port ?? gateway.port,
    auth: await resolveAuth(sources),
    controlUi: {
      enabled: gateway.controlUi.enabled,
      root: controlUiRoot,
      allowedOrigins: gateway.controlUi.allowedOrigins,
    },
    trustedProxies: gateway.trustedProxies,
  };
}

/** Secrets in this order: configuration, environment, secret store; a token is made when there is none. */
async function resolveAuth({ loaded, env, secrets, overrides }: RunOptionSources): Promise<GatewayAuth> {
  const { auth } = loaded.config.gateway;
  const mode = overrides.authMode ?? auth.mode ?? impliedMode(auth, env);
  if (mode === 'none') return { mode };
  if (mode === 'password') {
    const password = auth.password ?? env['OPENCLAW_GATEWAY_PASSWORD'];
    if (password === undefined) throw fail('gateway/bind-needs-secret', { bind: 'any address in password mode' });
    return { mode, password };
  }
  return { mode, token: auth.token ?? env['OPENCLAW_GATEWAY_TOKEN'] ?? (await storedToken(secrets)) };
}

function impliedMode(auth: GatewayConfig['gateway']['auth'], env: NodeJS.ProcessEnv): 'token' | 'password' {
  if (auth.token !== undefined) return 'token';
  if (auth.password !== undefined) return 'password';
  return env['OPENCLAW_GATEWAY_PASSWORD'] !== undefined && env['OPENCLAW_GATEWAY_TOKEN'] === undefined
    ? 'password'
    : 'token';
}

async function storedToken(secrets: SecretStore): Promise<string> {
  const name = tokenName(LOCAL_GATEWAY);
  const stored = await secrets.get(name);
  if (stored !== undefined) return stored;
  const token = generateToken();
  await secrets.set(name, token);
  return token;
}

export function secretOf(auth: GatewayAuth): string | undefined {
  switch (auth.mode) {
    case 'none':
      return undefined;
    case 'token':
      return auth.token;
    case 'password':
      return auth.password;
  }
}
