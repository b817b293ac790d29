import { join } from 'node:path';

import { AppError, fail, type ErrorInfo } from '../contract/errors.ts';
import {
  allowsIdentity,
  type AuthSources,
  type GatewayAuth,
  type GatewayRunOptions,
} from '../contract/gateway-host.ts';
import type { ExposureMode } from '../contract/exposure.ts';
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
  /** Path of what was loaded. */
  readonly configFile: string;
  readonly version: string;
  readonly controlUiRoot: string;
  /** What was asked for on the command line or in the settings; it wins over the configuration. */
  readonly overrides: {
    readonly port?: number | undefined;
    readonly bind?: GatewayRunOptions['bind'] | undefined;
    readonly host?: string | undefined;
    readonly authMode?: GatewayAuth['mode'] | undefined;
    readonly tailscale?: ExposureMode | undefined;
    readonly resetOnExit?: boolean | undefined;
  };
}

/**
 * Brings configuration, environment, secret store and command line together.
 *
 * @throws AppError the configuration's own error when it is so broken that a start could be weaker than meant.
 */
export async function resolveRunOptions(sources: RunOptionSources): Promise<GatewayRunOptions> {
  const { loaded, overrides, home, configFile, version, controlUiRoot } = sources;
  if (loaded.fatal) throw new AppError(fatalProblem(loaded));
  const { config } = loaded;
  const auth = await resolveAuth(sources);
  return {
    home,
    configFile,
    version,
    bind: overrides.bind ?? config.bind,
    host: overrides.host ?? config.host,
    port: overrides.port ?? config.port,
    auth,
    authSources: await otherSources(sources),
    rateLimit: config.auth.rateLimit,
    controlUi: {
      enabled: config.controlUi.enabled,
      root: controlUiRoot,
      allowedOrigins: config.controlUi.allowedOrigins,
    },
    trustedProxies: config.trustedProxies,
    nodes: config.nodes,
    tailscale: {
      ...config.tailscale,
      allowIdentity: allowsIdentity(config.auth.allowTailscale, auth.mode),
      given: overrides.tailscale,
      resetOnExit: overrides.resetOnExit ?? config.tailscale.resetOnExit,
    },
    tls: tlsOptions(config.tls, home),
  };
}

function tlsOptions({ enabled, autoGenerate, certPath, keyPath }: GatewayConfig['tls'], home: string) {
  if (!enabled) return undefined;
  const folder = join(home, 'state', 'tls');
  return {
    certFile: certPath ?? join(folder, 'gateway-cert.pem'),
    keyFile: keyPath ?? join(folder, 'gateway-key.pem'),
    autoGenerate,
  };
}

/** The problem for which nothing may be started; there is one whenever `fatal` is set. */
function fatalProblem({ problems }: LoadedGatewayConfig): ErrorInfo {
  const found = problems.find(({ code }) => code === 'config/unreadable' || code === 'config/key-invalid');
  return found ?? { code: 'app/unexpected', params: { summary: 'configuration' } };
}

/** Secrets in this order: configuration, environment, secret store; on loopback a token is made when there is none. */
async function resolveAuth({ loaded, env, secrets, overrides }: RunOptionSources): Promise<GatewayAuth> {
  const { auth } = loaded.config;
  const mode = overrides.authMode ?? auth.mode ?? impliedMode(auth, env);
  if (mode === 'none') return { mode };
  const bind = overrides.bind ?? loaded.config.bind;
  if (mode === 'password') {
    const password = auth.password ?? given(env).password;
    if (password === undefined) throw fail('gateway/bind-needs-secret', { bind });
    return { mode, password };
  }
  return {
    mode,
    token: auth.token ?? given(env).token ?? (await storedToken(secrets)) ?? (await newToken(secrets, bind)),
  };
}

/** As other programs of the protocol read it: what is empty or of spaces alone counts as not given. */
function given(env: NodeJS.ProcessEnv): Pick<AuthSources, 'token' | 'password'> {
  const { OPENCLAW_GATEWAY_TOKEN: token, OPENCLAW_GATEWAY_PASSWORD: password } = env;
  return { token: token?.trim() || undefined, password: password?.trim() || undefined };
}

/** For a file that changes its mind while the gateway runs. */
async function otherSources({ env, secrets, overrides }: RunOptionSources): Promise<AuthSources> {
  const { token, password } = given(env);
  return {
    isModeGiven: overrides.authMode !== undefined,
    otherwise: token === undefined && password !== undefined ? 'password' : 'token',
    token: token ?? (await storedToken(secrets).catch(() => undefined)),
    password,
  };
}

/** @throws AppError `gateway/two-secrets` when the environment gives both; the file was checked for that before. */
function impliedMode(auth: GatewayConfig['auth'], env: NodeJS.ProcessEnv): 'token' | 'password' {
  if (auth.token !== undefined) return 'token';
  if (auth.password !== undefined) return 'password';
  const { token, password } = given(env);
  const hasPassword = password !== undefined;
  if (hasPassword && token !== undefined) throw fail('gateway/two-secrets', {});
  return hasPassword ? 'password' : 'token';
}

function storedToken(secrets: SecretStore): Promise<string | undefined> {
  return secrets.get(tokenName(LOCAL_GATEWAY));
}

/**
 * What this computer alone can reach needs no care of anybody; who opens a gateway to others is to know what opens it.
 *
 * @throws AppError `gateway/bind-needs-secret` beyond loopback.
 */
async function newToken(secrets: SecretStore, bind: GatewayRunOptions['bind']): Promise<string> {
  if (bind !== 'loopback') throw fail('gateway/bind-needs-secret', { bind });
  const token = generateToken();
  await secrets.set(tokenName(LOCAL_GATEWAY), token);
  return token;
}
