import type { ErrorInfo } from '../../contract/errors.ts';
import type { ExposureState, LocalExposure } from '../../contract/exposure.ts';
import type { GatewayView, LineState } from '../../contract/snapshot.ts';
import { at, laptop, NOW_MS, up } from './snapshots.ts';

const CLOSED: LocalExposure = {
  wish: { mode: 'off', port: 443, untilMs: undefined },
  state: { status: 'off' },
  before: 'off',
  visitors: [],
  access: { bind: 'loopback', url: 'http://127.0.0.1:18789', auth: 'password', allowIdentity: true },
  undo: undefined,
};
const HERE = { headline: 'Only this computer can reach this gateway.', detail: '' };
const REACH = {
  serve: {
    headline: 'Your tailnet can reach this gateway now, with the password.',
    detail: '',
    open: { to: 'tailnet', who: 'Your tailnet' },
  },
  funnel: {
    headline: 'Anyone on the internet can reach this gateway now, with the password.',
    detail: '',
    open: { to: 'internet', who: 'Anyone on the internet' },
  },
} as const;

export const closed = (): GatewayView => laptop(up(1), { exposure: CLOSED, reach: HERE });

/** The laptop, open to others; a Funnel until 15:04 unless told otherwise. */
export function opened(
  mode: 'serve' | 'funnel',
  change: Partial<LocalExposure> = {},
  state: LineState = up(1),
): GatewayView {
  const untilMs = mode === 'funnel' ? at(15, 4) : undefined;
  const active: ExposureState = {
    status: 'active',
    mode,
    sinceMs: at(14, 34),
    url: 'https://laptop.tail1f3a.ts.net',
    checkedAtMs: NOW_MS,
    answeredAtMs: undefined,
  };
  const exposure = { ...CLOSED, wish: { mode, port: 443, untilMs }, state: active, ...change };
  return laptop(state, { exposure, reach: REACH[mode] });
}

/** Wanted, and not open since 14:30. */
export function notOpen(status: 'waiting' | 'failed', cause: ErrorInfo): GatewayView {
  const since = { mode: 'serve', sinceMs: at(14, 30), cause } as const;
  const state: ExposureState =
    status === 'waiting' ? { status, ...since, attempt: 3, retryAtMs: NOW_MS } : { status, ...since };
  return laptop(up(1), { exposure: { ...CLOSED, wish: { ...CLOSED.wish, mode: 'serve' }, state }, reach: HERE });
}
