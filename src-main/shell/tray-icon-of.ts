import type { GatewayView, LineStatus, Snapshot } from '../contract/snapshot.ts';
import type { TrayIcon } from './tray-item.ts';

const ICON_OF: Readonly<Record<LineStatus, TrayIcon>> = {
  failed: 'failed',
  // Nothing goes on without a person, as when it has failed.
  asks: 'failed',
  waiting: 'waiting',
  connecting: 'connecting',
  connected: 'connected',
  attached: 'connected',
  // Wanted and not begun yet: it is about to connect.
  off: 'connecting',
};

const WORST_FIRST: readonly TrayIcon[] = ['failed', 'public', 'waiting', 'connecting', 'connected'];

/** The worst state of all gateways that are wanted; what is switched off on purpose is not bad, to be public is news. */
export function trayIconOf({ gateways }: Pick<Snapshot, 'gateways'>): TrayIcon {
  const icons = new Set(gateways.filter(isWanted).map(({ state }) => ICON_OF[state.status]));
  if (gateways.some(({ reach }) => reach.open?.to === 'internet')) icons.add('public');
  return WORST_FIRST.find((icon) => icons.has(icon)) ?? 'off';
}

export function isWanted({ wanted }: GatewayView): boolean {
  return wanted === 'up';
}
