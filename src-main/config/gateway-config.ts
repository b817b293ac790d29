import type { ErrorInfo } from '../contract/errors.ts';
import type { TailscaleOptions } from '../contract/gateway-host.ts';
import type { Files } from '../platform/ports.ts';
import { GatewayConfigSchema, type GatewayConfigDocument } from './gateway-config-schema.ts';
import { keyLine } from './key-line.ts';
import { describeFault, parseByKey, showPath, type KeyFault } from './parse-by-key.ts';
import { parseText, type Raw } from './parse-text.ts';

/** The part of `gateway.json5` that decides how the gateway listens and whom it lets in, defaults filled in. */
export interface GatewayConfig {
  readonly port: number;
  readonly bind: 'loopback' | 'tailnet' | 'lan' | 'custom';
  /** The address for `custom`; always given then. */
  readonly host: string | undefined;
  readonly auth: {
    /** Absent when the file does not choose: then the secret that is given says it. */
    readonly mode: 'none' | 'token' | 'password' | undefined;
    readonly token: string | undefined;
    readonly password: string | undefined;
    /** Absent when the file does not say: then how one signs in decides, see `allowsIdentity`. */
    readonly allowTailscale: boolean | undefined;
    readonly rateLimit: {
      readonly maxAttempts: number;
      readonly windowMs: number;
      readonly lockoutMs: number;
      readonly exemptLoopback: boolean;
    };
  };
  readonly controlUi: { readonly enabled: boolean; readonly allowedOrigins: readonly string[] };
  readonly trustedProxies: readonly string[];
  readonly nodes: {
    readonly autoApproveLocal: boolean;
    readonly commands: { readonly allow: readonly string[]; readonly deny: readonly string[] };
  };
  readonly tailscale: Omit<TailscaleOptions, 'allowIdentity' | 'given'>;
  readonly tls: {
    readonly enabled: boolean;
    readonly autoGenerate: boolean;
    /** Absent: below the home of the gateway. */
    readonly certPath: string | undefined;
    readonly keyPath: string | undefined;
  };
}

export interface LoadedGatewayConfig {
  readonly config: GatewayConfig;
  readonly problems: readonly ErrorInfo[];
  /** False when there is no file; then the config holds the defaults. */
  readonly exists: boolean;
  /**
   * No gateway may be started from this: what the file says about who is let in is not known, so
   * `config` could be weaker than what its author wrote. The first of the problems says why.
   */
  readonly fatal: boolean;
}

/**
 * Reads a gateway configuration; the file is never changed. A key that is not valid falls back to
 * its default and is told with its line, an unknown one is told and kept. A secret that is not
 * usable counts as absent, never as `auth.mode: "none"`. Never throws: everything is a problem.
 */
export async function loadGatewayConfig(path: string, files: Files): Promise<LoadedGatewayConfig> {
  let text: string | undefined;
  try {
    text = await files.read(path);
  } catch {
    return unreadable(path, { line: 1, problem: 'the file is there and cannot be read' });
  }
  if (text === undefined) return { config: defaults(), problems: [], exists: false, fatal: false };
  const parsed = parseText(text);
  if (parsed.status === 'unreadable') return unreadable(path, { line: parsed.line, problem: parsed.problem });
  return interpretGatewayConfig(parsed.raw, { file: path, text });
}

/** The meaning of a configuration that could be parsed. `source` is for messages that point at a line. */
export function interpretGatewayConfig(
  raw: Raw,
  source: { readonly file: string; readonly text: string },
): LoadedGatewayConfig {
  const { value, faults, unknown } = parseByKey(GatewayConfigSchema, raw);
  const config = toConfig(value);
  const describe = (fault: KeyFault): ErrorInfo => ({
    code: 'config/key-invalid',
    params: describeFault(fault, source),
  });
  const strangers = unknown.map((key): ErrorInfo => ({
    code: 'config/key-unknown',
    params: { file: source.file, line: keyLine(source.text, key), key: showPath(key) },
  }));
  const hostless = hasNoHost(config) ? [describe(NO_HOST)] : [];
  const ambiguous = isAmbiguous(config) ? [describe(TWO_SECRETS)] : [];
  return {
    config: hostless.length > 0 ? { ...config, bind: 'loopback' } : config,
    problems: [...ambiguous, ...faults.map(describe), ...hostless, ...strangers],
    exists: true,
    fatal: ambiguous.length > 0,
  };
}

function unreadable(file: string, place: { readonly line: number; readonly problem: string }): LoadedGatewayConfig {
  const problem: ErrorInfo = { code: 'config/unreadable', params: { file, ...place } };
  return { config: defaults(), problems: [problem], exists: true, fatal: true };
}

function defaults(): GatewayConfig {
  return toConfig(GatewayConfigSchema.parse({}));
}

function toConfig({ gateway }: GatewayConfigDocument): GatewayConfig {
  const { port, bind, customBindHost, host, controlUi, trustedProxies } = gateway;
  const { enabled, autoGenerate, certPath, keyPath } = gateway.tls;
  const tls = { enabled, autoGenerate, certPath, keyPath };
  const { mode, token, password, rateLimit, allowTailscale, tailscaleUserIds } = gateway.auth;
  const auth = { mode, token, password, rateLimit, allowTailscale };
  const nodes = { autoApproveLocal: gateway.nodes.pairing.autoApproveLocal, commands: gateway.nodes.commands };
  const tailscale = { ...gateway.tailscale, allowedUserIds: tailscaleUserIds };
  return { port, bind, host: customBindHost ?? host, auth, controlUi, trustedProxies, nodes, tailscale, tls };
}

const NO_HOST: KeyFault = {
  path: ['gateway', 'bind'],
  expected: '“custom” only with an address in gateway.customBindHost',
};

function hasNoHost({ bind, host }: GatewayConfig): boolean {
  return bind === 'custom' && host === undefined;
}

const TWO_SECRETS: KeyFault = {
  path: ['gateway', 'auth', 'mode'],
  expected: '“token” or “password”, since both secrets are given',
};

function isAmbiguous({ auth }: GatewayConfig): boolean {
  return auth.mode === undefined && auth.token !== undefined && auth.password !== undefined;
}
