import type { ErrorInfo } from '../../src-main/contract/errors.ts';
import type {
  ExposurePlan,
  ExposureState,
  ExposureWish,
  LocalExposure,
  PreflightCheck,
  PreflightId,
  TailnetDevices,
  VisitorView,
} from '../../src-main/contract/exposure.ts';
import type { GatewayView, HopView, ReachView, Snapshot } from '../../src-main/contract/snapshot.ts';
import { local, NOW, onThisComputer, snapshot } from './fixtures.ts';

const MINUTE = 60_000;
export const TAILNET_URL = 'https://laptop.tail1f3a.ts.net';

const access: LocalExposure['access'] = {
  bind: 'loopback',
  url: 'http://127.0.0.1:18789',
  auth: 'token',
  allowIdentity: true,
};
const CLOSED: LocalExposure = {
  wish: { mode: 'off', port: 443, untilMs: undefined },
  state: { status: 'off' },
  before: 'off',
  visitors: [],
  access,
  undo: undefined,
};

const visitor = (address: string, change: Partial<VisitorView>): VisitorView => ({
  address,
  login: undefined,
  device: undefined,
  signedIn: 'no',
  requests: 1,
  refused: 0,
  isLockedOut: false,
  lastSeenMs: NOW,
  ...change,
});

const active = (mode: 'serve' | 'funnel', sinceMs: number): ExposureState => ({
  status: 'active',
  mode,
  sinceMs,
  url: TAILNET_URL,
  checkedAtMs: NOW - 3_000,
  answeredAtMs: NOW - 40_000,
});

const SERVE: LocalExposure = {
  ...CLOSED,
  wish: { mode: 'serve', port: 443, untilMs: undefined },
  state: active('serve', Date.UTC(2026, 10, 18, 9, 12)),
  visitors: [
    visitor('100.64.0.2', { login: 'ann@example.com', device: 'ann-phone', signedIn: 'identity', requests: 214 }),
    visitor('100.64.0.7', { login: 'ann@example.com', device: 'tablet', signedIn: 'secret', requests: 31 }),
    visitor('100.64.0.9', { login: 'ben@example.com', device: 'ben-desk', refused: 2, requests: 2 }),
  ],
};

const FUNNEL: LocalExposure = {
  ...CLOSED,
  wish: { mode: 'funnel', port: 443, untilMs: NOW + 27 * MINUTE + 14_000 },
  state: active('funnel', NOW - 2 * MINUTE - 46_000),
  before: 'serve',
  access: { ...access, auth: 'password' },
  undo: { mode: 'serve', restoresConfig: true },
  visitors: [
    visitor('203.0.113.40', { signedIn: 'secret', requests: 11 }),
    visitor('198.51.100.7', { signedIn: 'secret', requests: 3 }),
    visitor('192.0.2.91', { refused: 3, requests: 3, isLockedOut: true }),
  ],
};

const HERE: ReachView = {
  headline: 'Only this computer can reach this gateway.',
  detail: 'It listens on loopback and asks for a token.',
};
const TAILNET: ReachView = {
  headline: 'Your tailnet can reach this gateway now, with a token or by Tailscale identity.',
  detail: `Loopback on this computer, and ${TAILNET_URL} by Serve. Not on your LAN, not on the internet.`,
  open: { to: 'tailnet', who: 'Your tailnet' },
};
const INTERNET: ReachView = {
  headline: 'Anyone on the internet can reach this gateway now, with the password.',
  detail: `${TAILNET_URL} by Funnel.`,
  open: { to: 'internet', who: 'Anyone on the internet' },
};

function withHop(state: HopView['state'], word: string): readonly HopView[] {
  const detail =
    word === 'Off' ? 'nobody else' : word === 'Not open' ? 'Tailscale is stopped' : 'laptop.tail1f3a.ts.net';
  return local.hops.map((hop) => (hop.hop === 'exposure' ? { ...hop, state, word, detail } : hop));
}

function shown(exposure: LocalExposure, reach: ReachView, hops: readonly HopView[], revision = 1): Snapshot {
  const gateway: GatewayView = { ...local, exposure, reach, hops };
  const { gateways } = onThisComputer;
  return {
    ...onThisComputer,
    revision,
    gateways: gateways.map((each) => (each.id === local.id ? gateway : each)),
  };
}

export const closed: Snapshot = shown(CLOSED, HERE, withHop('off', 'Off'));
export const serve: Snapshot = shown(SERVE, TAILNET, withHop('exposed', 'Tailnet'));
export const funnel: Snapshot = shown(FUNNEL, INTERNET, withHop('public', 'Public'), 2);
export const funnelForEver: Snapshot = shown(
  { ...FUNNEL, wish: { ...FUNNEL.wish, untilMs: undefined }, before: 'off', visitors: [] },
  INTERNET,
  withHop('public', 'Public'),
);
export const closedWithUndo: Snapshot = shown(
  { ...CLOSED, undo: { mode: 'serve', restoresConfig: false } },
  HERE,
  withHop('off', 'Off'),
  3,
);
/** It runs and waits: Tailscale has no address here yet. */
export const withoutAddress: Snapshot = withState(
  shown(
    { ...CLOSED, access: { ...access, bind: 'tailnet', url: undefined } },
    {
      headline: 'Nobody can reach this gateway now.',
      detail: 'It is to listen at its tailnet address and nowhere else. Nothing listens there yet.',
    },
    local.hops.map((hop) =>
      hop.hop === 'gateway'
        ? {
            ...hop,
            state: 'waiting',
            latencyMs: undefined,
            word: 'Waits',
            detail: 'The gateway waits for a tailnet address',
          }
        : hop,
    ),
  ),
);

function withState(snapshot: Snapshot): Snapshot {
  const cause: ErrorInfo = { code: 'gateway/no-tailnet-address', params: {} };
  const state = { status: 'waiting', sinceMs: NOW - MINUTE, attempt: 1, retryAtMs: NOW - MINUTE, cause } as const;
  return {
    ...snapshot,
    gateways: snapshot.gateways.map((each) => (each.id === local.id ? { ...each, state, url: undefined } : each)),
  };
}

/** A Funnel that nobody has closed, after the clock of this computer was set back. */
export const closedByClock: Snapshot = shown({ ...CLOSED, ended: 'clock-back' }, HERE, withHop('off', 'Off'));
export const devices: TailnetDevices = { others: 7, online: 3, askedAtMs: NOW };
export const opening: Snapshot = shown(
  { ...CLOSED, wish: SERVE.wish, state: { status: 'opening', mode: 'serve', sinceMs: NOW - 4_000 } },
  HERE,
  withHop('connecting', 'Opening'),
);

const lost = (cause: ErrorInfo, status: 'waiting' | 'failed'): Snapshot =>
  shown(
    {
      ...SERVE,
      visitors: [],
      state:
        status === 'waiting'
          ? { status, mode: 'serve', sinceMs: NOW - 3 * MINUTE, attempt: 4, retryAtMs: NOW + 12_000, cause }
          : { status, mode: 'serve', sinceMs: NOW - 3 * MINUTE, cause },
    },
    HERE,
    withHop(status, 'Not open'),
  );

export const serveLost: Snapshot = lost({ code: 'tailscale/stopped', params: {} }, 'waiting');
export const serveFailed: Snapshot = lost(
  { code: 'tailscale/port-taken', params: { port: 443, holder: 'http://127.0.0.1:3000' } },
  'failed',
);
export const boundToTailnet: Snapshot = shown(
  { ...CLOSED, access: { ...access, bind: 'tailnet', url: 'http://100.64.0.1:18789' } },
  {
    headline: 'Your tailnet can reach this gateway now, with a token.',
    detail:
      "It listens at http://100.64.0.1:18789 and nowhere else, in plain HTTP inside of Tailscale's own encryption.",
    open: { to: 'tailnet', who: 'Your tailnet' },
  },
  withHop('exposed', 'Tailnet'),
);
/** Public here, while another gateway is in use. */
export const funnelBeside: Snapshot = {
  ...snapshot(),
  gateways: snapshot().gateways.map((each) =>
    each.id === local.id ? { ...local, exposure: FUNNEL, reach: INTERNET, hops: withHop('public', 'Public') } : each,
  ),
};

const WELL: readonly PreflightCheck[] = [
  ['tailscale', 'running, signed in as ann@example.com'],
  ['version', '1.102.3'],
  ['magic-dns', 'laptop.tail1f3a.ts.net'],
  ['https', 'certificates enabled'],
  ['funnel', 'allowed on 443, 8443, 10000'],
  ['port', '443, free'],
  ['shields', 'down, inbound allowed'],
  ['permission', 'you may change routes'],
  ['bind', '127.0.0.1'],
  ['secret', 'password'],
].map(([id, found]) => ({ id: id as PreflightId, found: found ?? '', fault: undefined }));

export function planOf(wish: ExposureWish, faults: Partial<Record<PreflightId, ErrorInfo>> = {}): ExposurePlan {
  const isFunnel = wish.mode === 'funnel';
  const checks = WELL.filter(({ id }) => isFunnel || id !== 'funnel').map((check) => ({
    ...check,
    fault: faults[check.id],
  }));
  return {
    wish,
    checks: wish.mode === 'off' ? [] : checks,
    changes: [
      {
        what: 'route',
        before: wish.mode === 'serve' ? undefined : 'Serve 443 to this gateway',
        after: wish.mode === 'off' ? undefined : `${isFunnel ? 'Funnel' : 'Serve'} ${wish.port} to this gateway`,
      },
      {
        what: 'sign-in',
        before: 'token, or Tailscale identity',
        after: isFunnel ? 'password, for everyone' : undefined,
      },
      { what: 'kept', before: undefined, after: '2 other routes on this computer are not ours and stay as they are' },
    ],
  };
}

export const needsPassword: ErrorInfo = { code: 'tailscale/needs-password', params: { mode: 'token' } };

/** One fault of every kind of fix. */
export const everyFix: ExposurePlan = planOf(
  { mode: 'funnel', port: 443, untilMs: undefined },
  {
    tailscale: { code: 'tailscale/signed-out', params: { url: 'https://login.tailscale.com/a/0123456789ab' } },
    version: { code: 'tailscale/too-old', params: { found: '1.66.4', needed: '1.92', for: 'funnel' } },
    https: { code: 'tailscale/no-https', params: { url: 'https://login.tailscale.com/admin/dns' } },
    funnel: { code: 'tailscale/funnel-port', params: { port: 443, allowed: [8443, 10_000] } },
    port: { code: 'tailscale/port-taken', params: { port: 443, holder: 'http://127.0.0.1:3000' } },
    shields: { code: 'tailscale/shields-up', params: {} },
    permission: { code: 'tailscale/not-permitted', params: { command: 'sudo tailscale set --operator=$USER' } },
    secret: needsPassword,
  },
);
export const notInstalled: ExposurePlan = {
  ...planOf({ mode: 'serve', port: 443, untilMs: undefined }),
  checks: [{ id: 'tailscale', found: '', fault: { code: 'tailscale/not-installed', params: {} } }],
};
