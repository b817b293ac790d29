import type { ErrorInfo } from '../../contract/errors.ts';
import {
  LOCAL_GATEWAY,
  type GatewayId,
  type GatewayView,
  type LineState,
  type Snapshot,
} from '../../contract/snapshot.ts';

/** Times of 22 November 2026 in the time zone of the machine, so that expected texts hold everywhere. */
export function at(hour: number, minute = 0, second = 0): number {
  return new Date(2026, 10, 22, hour, minute, second).getTime();
}

export const NOW_MS = at(14, 36);

const UP: LineState = { status: 'connected', sinceMs: at(14, 3), checkedAtMs: NOW_MS, roundTripMs: 23.4 };
export const up = (roundTripMs: number): LineState => ({ ...UP, roundTripMs });
export const waiting = (cause: ErrorInfo): LineState => ({
  status: 'waiting',
  sinceMs: at(14, 35, 12),
  attempt: 3,
  retryAtMs: at(14, 36, 12),
  cause,
});
export const failed = (cause: ErrorInfo): LineState => ({ status: 'failed', sinceMs: at(14, 2), cause });

const base = {
  hops: [],
  samples: [],
  facts: undefined,
  flag: { pattern: 1, hue: 1 },
} as const;

export function laptop(state: LineState = { status: 'off' }, change: Partial<GatewayView> = {}): GatewayView {
  const isUp = state.status === 'connected' || state.status === 'attached';
  return {
    ...base,
    id: LOCAL_GATEWAY,
    name: 'This laptop',
    kind: 'local',
    target: undefined,
    wanted: state.status === 'off' ? 'down' : 'up',
    state,
    url: isUp ? 'ws://127.0.0.1:18789' : undefined,
    reach: { headline: 'Only this computer can reach this gateway.', detail: '' },
    ...change,
  };
}

export function studio(state: LineState = UP, change: Partial<GatewayView> = {}): GatewayView {
  return {
    ...base,
    id: 'studio' as GatewayId,
    name: 'Studio',
    kind: 'ssh',
    target: 'me@studio:22',
    wanted: state.status === 'off' ? 'down' : 'up',
    state,
    url: state.status === 'connected' ? 'ws://127.0.0.1:18789' : undefined,
    reach: { headline: 'This computer reaches Studio over SSH.', detail: '' },
    ...change,
  };
}

export function vps(state: LineState = { status: 'off' }, change: Partial<GatewayView> = {}): GatewayView {
  return {
    ...studio(state),
    id: 'vps' as GatewayId,
    name: 'Frankfurt VPS',
    kind: 'direct',
    target: 'wss://vps.example/',
    reach: { headline: 'This computer reaches Frankfurt VPS directly.', detail: '' },
    ...change,
  };
}

export function snapshotOf(
  gateways: readonly GatewayView[],
  use: GatewayId | undefined = gateways.find(({ wanted }) => wanted === 'up')?.id,
  change: Partial<Snapshot> = {},
): Snapshot {
  return {
    revision: 1,
    app: { version: '0.1.0', computer: 'laptop', startedAtMs: at(14) },
    use,
    gateways,
    problems: [],
    events: [],
    ...change,
  };
}
