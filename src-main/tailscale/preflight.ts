import { toErrorInfo, type ErrorInfo } from '../contract/errors.ts';
import {
  FUNNEL_PORTS,
  PASSWORD_MIN_CHARS,
  type ExposureChange,
  type ExposurePlan,
  type ExposureWish,
  type PreflightCheck,
} from '../contract/exposure.ts';
import { secretOf, type GatewayAuth, type GatewayRunOptions } from '../contract/gateway-host.ts';
import { isStrongSecret } from '../contract/strong-secret.ts';
import { holderOf, otherRoutes, type ServeConfig } from './serve-config.ts';
import type { TailscaleClient, TailscalePrefs } from './tailscale-client.ts';
import { conditionFault, funnelPorts, isAtLeast, type TailscaleStatus } from './tailscale-status.ts';

/** From here on the daemon refuses a port that another program holds. */
export const SERVE_FLOOR = '1.92';
/** Older ones do not mark what comes from the internet; Serve's floor is above, and one day may not be. */
export const FUNNEL_FLOOR = '1.92';

/** What was found, before it is judged. */
export interface Findings {
  readonly status: TailscaleStatus;
  readonly config: ServeConfig;
  readonly prefs: TailscalePrefs | undefined;
}

/** Who we are to the daemon. */
export interface Asker {
  readonly platform: NodeJS.Platform;
  readonly userName: string;
  readonly isAdministrator: boolean;
}

/** What is open now, to be replaced. */
export interface OpenNow {
  readonly mode: 'serve' | 'funnel';
  readonly port: number;
  /** `http://127.0.0.1:41873` */
  readonly target: string;
}

export interface PreflightOptions {
  readonly wish: ExposureWish;
  readonly gateway: Pick<GatewayRunOptions, 'bind' | 'auth' | 'tailscale'>;
  readonly asker: Asker;
  readonly now: OpenNow | undefined;
}

/** Looks at everything a wish needs, and says what it would change. Changes nothing, and claims nothing. */
export async function planExposure(client: TailscaleClient, options: PreflightOptions): Promise<ExposurePlan> {
  const { wish } = options;
  // Closing needs nothing, not even that there is a Tailscale.
  if (wish.mode === 'off') return { wish, checks: [], changes: changesOf(options, undefined) };
  const found = await findings(client).catch((error: unknown) => toErrorInfo(error));
  if ('code' in found)
    return { wish, checks: withoutTailscale(found, options), changes: changesOf(options, undefined) };
  return { wish, checks: checksOf(found, options), changes: changesOf(options, found.config) };
}

/** @throws AppError `tailscale/not-installed`, `tailscale/not-answering`, `tailscale/used-by-another` */
export async function findings(client: TailscaleClient): Promise<Findings> {
  await client.program();
  const status = await client.status();
  const [config, prefs] = await Promise.all([client.serveConfig(), client.prefs()]);
  return { status, config, prefs };
}

export function checksOf(found: Findings, options: PreflightOptions): readonly PreflightCheck[] {
  const { mode } = options.wish;
  return [
    runningCheck(found.status),
    versionCheck(found.status, mode === 'funnel' ? 'funnel' : 'serve'),
    dnsCheck(found.status),
    httpsCheck(found.status),
    ...(mode === 'funnel' ? [funnelCheck(found.status, options.wish)] : []),
    portCheck(found, options),
    ...shieldsCheck(found),
    ...permissionCheck(found, options.asker),
    ...ownChecks(options),
  ];
}

/** Why what is open would reach nobody any more: the daemon does not run, or the tailnet allows it no longer. */
export function lostGround(status: TailscaleStatus, wish: ExposureWish): ErrorInfo | undefined {
  const checks = [
    runningCheck(status),
    httpsCheck(status),
    ...(wish.mode === 'funnel' ? [funnelCheck(status, wish)] : []),
  ];
  return checks.find(({ fault }) => fault !== undefined)?.fault;
}

/** Without an answer of Tailscale only what is ours can be judged. */
function withoutTailscale(fault: ErrorInfo, options: PreflightOptions): readonly PreflightCheck[] {
  return [{ id: 'tailscale', found: 'not answering', fault }, ...ownChecks(options)];
}

function ownChecks({ wish, gateway }: PreflightOptions): readonly PreflightCheck[] {
  return [bindCheck(gateway), secretCheck(wish, gateway.auth)];
}

function runningCheck(status: TailscaleStatus): PreflightCheck {
  const fault = conditionFault(status);
  const who = status.owner === undefined ? 'as a tagged computer' : `as ${status.owner.login}`;
  return { id: 'tailscale', found: fault === undefined ? `running, signed in ${who}` : status.backendState, fault };
}

function versionCheck({ version }: TailscaleStatus, mode: 'serve' | 'funnel'): PreflightCheck {
  const needed = mode === 'serve' ? SERVE_FLOOR : FUNNEL_FLOOR;
  const found = version ?? 'unknown';
  const isEnough = isAtLeast(version, needed);
  return {
    id: 'version',
    found,
    fault: isEnough ? undefined : { code: 'tailscale/too-old', params: { found, needed, for: mode } },
  };
}

function dnsCheck({ hasMagicDns, dnsName }: TailscaleStatus): PreflightCheck {
  const fault = hasMagicDns && dnsName !== '' ? undefined : ({ code: 'tailscale/no-magic-dns', params: {} } as const);
  return { id: 'magic-dns', found: dnsName === '' ? 'no name' : dnsName, fault };
}

function httpsCheck({ capabilities }: TailscaleStatus): PreflightCheck {
  if (capabilities.has('https')) return { id: 'https', found: 'certificates enabled', fault: undefined };
  const url = 'https://login.tailscale.com/admin/dns';
  return { id: 'https', found: 'no certificates', fault: { code: 'tailscale/no-https', params: { url } } };
}

function funnelCheck(status: TailscaleStatus, { port }: ExposureWish): PreflightCheck {
  if (!status.capabilities.has('funnel')) {
    const url = 'https://login.tailscale.com/admin/acls/file';
    return { id: 'funnel', found: 'not allowed', fault: { code: 'tailscale/no-funnel', params: { url } } };
  }
  const allows = funnelPorts(status);
  const allowed = FUNNEL_PORTS.filter(allows);
  const found = allowed.length === 0 ? 'allowed on no port' : `allowed on ${allowed.join(', ')}`;
  // The program looks at port 443 alone, and opens any other without anybody being able to reach it.
  const fault = allowed.includes(port)
    ? undefined
    : ({ code: 'tailscale/funnel-port', params: { port, allowed } } as const);
  return { id: 'funnel', found, fault };
}

function portCheck({ config }: Findings, { wish: { port }, now }: PreflightOptions): PreflightCheck {
  const holder = holderOf(config, port);
  if (holder === undefined) return { id: 'port', found: `${port}, free`, fault: undefined };
  if (now?.port === port && holder === now.target) return { id: 'port', found: `${port}, ours`, fault: undefined };
  return { id: 'port', found: `${port}, taken`, fault: { code: 'tailscale/port-taken', params: { port, holder } } };
}

function shieldsCheck({ prefs }: Findings): readonly PreflightCheck[] {
  if (prefs === undefined) return [];
  return [
    prefs.shieldsUp
      ? { id: 'shields', found: 'up', fault: { code: 'tailscale/shields-up', params: {} } }
      : { id: 'shields', found: 'down, inbound allowed', fault: undefined },
  ];
}

/** Only Linux has operators; elsewhere whoever uses the computer may change routes, or the claim says otherwise. */
function permissionCheck(
  { prefs }: Findings,
  { platform, userName, isAdministrator }: Asker,
): readonly PreflightCheck[] {
  if (prefs === undefined || platform !== 'linux') return [];
  const mayChange = isAdministrator || prefs.operator === userName;
  const command = `sudo tailscale set --operator=${userName}`;
  return [
    mayChange
      ? { id: 'permission', found: 'you may change routes', fault: undefined }
      : {
          id: 'permission',
          found: 'you may look only',
          fault: { code: 'tailscale/not-permitted', params: { command } },
        },
  ];
}

function bindCheck({ bind }: PreflightOptions['gateway']): PreflightCheck {
  const fault = bind === 'loopback' ? undefined : ({ code: 'tailscale/bind-not-loopback', params: { bind } } as const);
  return { id: 'bind', found: bind === 'loopback' ? '127.0.0.1' : bind, fault };
}

function secretCheck({ mode }: ExposureWish, auth: GatewayAuth): PreflightCheck {
  if (mode === 'funnel') {
    const isEnough = auth.mode === 'password' && isStrongSecret(auth.password);
    const fault = isEnough ? undefined : ({ code: 'tailscale/needs-password', params: { mode: auth.mode } } as const);
    return { id: 'secret', found: auth.mode === 'none' ? 'nothing is asked for' : auth.mode, fault };
  }
  const isEnough = (secretOf(auth) ?? '').length >= PASSWORD_MIN_CHARS;
  const fault = isEnough ? undefined : ({ code: 'tailscale/needs-secret', params: { mode: auth.mode } } as const);
  return { id: 'secret', found: auth.mode === 'none' ? 'nothing is asked for' : auth.mode, fault };
}

function changesOf(
  { wish, gateway, now }: PreflightOptions,
  config: ServeConfig | undefined,
): readonly ExposureChange[] {
  const others = config === undefined ? 0 : otherRoutes(config, now?.target);
  const are =
    others === 1
      ? '1 other route on this computer is not ours and stays as it is'
      : `${others} other routes on this computer are not ours and stay as they are`;
  const changes: readonly ExposureChange[] = [
    {
      what: 'route',
      before: now && routeText(now.mode, now.port, now.target.replace('http://', '')),
      after: wish.mode === 'off' ? undefined : routeText(wish.mode, wish.port, 'this gateway'),
    },
    {
      what: 'sign-in',
      before: now && signInText(now.mode, gateway),
      after: wish.mode === 'off' ? undefined : signInText(wish.mode, gateway),
    },
  ];
  return [
    ...changes.filter(({ before, after }) => before !== after),
    ...(others === 0 ? [] : [{ what: 'kept' as const, before: undefined, after: are }]),
  ];
}

function routeText(mode: 'serve' | 'funnel', port: number, to: string): string {
  return `${mode === 'serve' ? 'Serve' : 'Funnel'} ${port} to ${to}`;
}

function signInText(mode: 'serve' | 'funnel', { auth, tailscale }: PreflightOptions['gateway']): string {
  if (mode === 'funnel') return 'password, for everyone';
  return tailscale.allowIdentity ? `${auth.mode}, or Tailscale identity` : `${auth.mode}, for everyone`;
}
