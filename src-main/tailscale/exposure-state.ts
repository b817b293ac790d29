import type { ExposureState, ExposureWish } from '../contract/exposure.ts';
import type { KeeperState } from '../platform/keeper.ts';
import type { HeldRoute } from './held-route.ts';

interface Wished {
  readonly mode: ExposureWish['mode'];
  /** What was open before, where that is being closed. */
  readonly closing: ExposureWish['mode'];
  readonly sinceMs: number;
}

/** What is to be shown of a route that is kept, or not wanted. */
export function stateOf(state: KeeperState<HeldRoute>, { mode, closing, sinceMs }: Wished): ExposureState {
  if (state.status === 'closing') return { status: 'closing', mode: closing, sinceMs };
  if (state.status === 'stopped' || mode === 'off') return { status: 'off' };
  switch (state.status) {
    case 'opening':
      return { status: 'opening', mode, sinceMs: state.sinceMs };
    case 'open': {
      const { url, checkedAtMs, answeredAtMs } = state.session;
      return { status: 'active', mode, sinceMs: state.sinceMs, url, checkedAtMs, answeredAtMs };
    }
    case 'waiting':
    case 'failed':
      return { ...state, mode };
  }
}
