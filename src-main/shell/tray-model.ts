import { describeError, type ErrorInfo } from '../contract/errors.ts';
import { gatewayInUse, type GatewayView, type Snapshot, type TimelineEvent } from '../contract/snapshot.ts';
import { shortened, wrapped } from './plain-text.ts';
import { exactClockText } from './time-text.ts';
import { exposureItems } from './tray-exposure.ts';
import { fileOf, SHOW_FILE } from './tray-fixes.ts';
import { isWanted, trayIconOf } from './tray-icon-of.ts';
import { action, call, label, SEPARATOR, type TrayContext, type TrayItem, type TrayModel } from './tray-item.ts';
import { modeMenu } from './tray-mode.ts';
import { headlineOf, nameOf, shortState, statusItems, summaryOf } from './tray-status.ts';

const RECENT_EVENTS = 10;
const TOOLTIP_CHARS = 127;
const ROW_CHARS = 80;

/** Every decision about the tray. Electron only draws the answer. Pure. */
export function trayModel(snapshot: Snapshot, context: TrayContext): TrayModel {
  const inUse = gatewayInUse(snapshot);
  const others = troubledElsewhere(snapshot);
  const opened = openElsewhere(snapshot, others);
  const sections = [
    inUse === undefined ? switchedOff() : statusItems({ gateway: inUse, route: '/' }, context.nowMs),
    others.map((gateway) => troubleItem(gateway, context.nowMs)),
    opened.flatMap((gateway) => statusItems({ gateway, route: '/exposure' }, context.nowMs)),
    snapshot.problems.map(problemItem),
    gatewayList(snapshot),
    [...exposureItems(snapshot), ...reachItems(snapshot)],
    uiItems(inUse),
    [modeMenu(snapshot), recentEvents(snapshot.events, context.nowMs)],
    [action('quit', 'Quit Gangway', { command: { type: 'quit' }, ...quitKey(context) })],
  ];
  const summaries = [
    inUse === undefined ? 'off' : summaryOf(inUse, context.nowMs),
    ...[...opened, ...others].map((gateway) => summaryOf(gateway, context.nowMs)),
  ];
  return {
    icon: trayIconOf(snapshot),
    tooltip: shortened(`Gangway — ${summaries.join('; ')}`, TOOLTIP_CHARS),
    items: separated(sections),
  };
}

function switchedOff(): readonly TrayItem[] {
  return [label('Off'), label('Switched off: no gateway runs here and none is connected')];
}

/** Gateways that are wanted beside the one in use and are not well: they set the icon, so they must be explained. */
function troubledElsewhere({ gateways, use }: Snapshot): readonly GatewayView[] {
  return gateways.filter(
    (gateway) =>
      isWanted(gateway) &&
      gateway.id !== use &&
      (gateway.state.status === 'waiting' || gateway.state.status === 'failed' || gateway.state.status === 'asks'),
  );
}

/** What others reach is said at all times, whichever gateway is in use. */
function openElsewhere({ gateways, use }: Snapshot, troubled: readonly GatewayView[]): readonly GatewayView[] {
  return gateways.filter(
    (gateway) => gateway.reach.open !== undefined && gateway.id !== use && !troubled.includes(gateway),
  );
}

function troubleItem(gateway: GatewayView, nowMs: number): TrayItem {
  const { status } = gateway.state;
  // The headline is the label of the submenu, unless it can be chosen itself.
  const items = statusItems({ gateway, route: '/gateways' }, nowMs).slice(status === 'asks' ? 0 : 1);
  return { type: 'submenu', id: `trouble:${gateway.id}`, label: headlineOf(gateway, nowMs), items };
}

function problemItem(problem: ErrorInfo, at: number): TrayItem {
  const { title, body, next } = describeError(problem);
  const rows = [...wrapped(body, ROW_CHARS), ...wrapped(next, ROW_CHARS)].map(label);
  const files = fileOf(problem).map((file) =>
    action(`problem:${at}:file`, SHOW_FILE, { command: { type: 'show-file', file } }),
  );
  return { type: 'submenu', id: `problem:${at}`, label: shortened(title, ROW_CHARS), items: [...rows, ...files] };
}

function gatewayList({ gateways, use }: Snapshot): readonly TrayItem[] {
  return gateways.map((gateway, at) =>
    action(`use:${gateway.id}`, `${nameOf(gateway)} — ${shortState(gateway)}`, {
      command: call({ name: 'gateway.use', input: { id: gateway.id } }),
      checked: gateway.id === use,
      ...(at < 9 ? { accelerator: `CmdOrCtrl+${at + 1}` } : {}),
    }),
  );
}

/** Who can reach what runs: every wanted gateway, because an exposure must be visible at all times. */
function reachItems({ gateways, use }: Snapshot): readonly TrayItem[] {
  const wanted = gateways.filter(isWanted).toSorted((a, b) => Number(b.id === use) - Number(a.id === use));
  if (wanted.length === 0) return [label('Nobody can reach a gateway through this computer')];
  return [...new Set(wanted.map(({ reach }) => reachText(reach.headline)))].map(label);
}

function reachText(headline: string): string {
  return shortened(headline, ROW_CHARS).replace(/\.$/, '');
}

function uiItems(inUse: GatewayView | undefined): readonly TrayItem[] {
  const url = inUse?.url;
  return [
    action('open', 'Open Control UI', {
      command: { type: 'open-window', route: '/' },
      accelerator: 'CmdOrCtrl+O',
    }),
    action('copy-url', 'Copy URL', {
      command: { type: 'copy-text', text: url ?? '' },
      enabled: url !== undefined,
      accelerator: 'Shift+CmdOrCtrl+C',
    }),
  ];
}

function recentEvents(events: readonly TimelineEvent[], nowMs: number): TrayItem {
  const rows = events.slice(0, RECENT_EVENTS).map(({ atMs, text, why }) => {
    const reason = why === undefined ? '' : `. ${why}`;
    return label(shortened(`${exactClockText(atMs, nowMs)}  ${text}${reason}`, ROW_CHARS + 20));
  });
  return {
    type: 'submenu',
    id: 'events',
    label: 'Recent events',
    items: rows.length === 0 ? [label('Nothing has happened since the start')] : rows,
  };
}

/** Ctrl+Q means something else in many programs on Windows. */
function quitKey({ platform }: TrayContext): { readonly accelerator?: string } {
  return platform === 'win32' ? {} : { accelerator: 'CmdOrCtrl+Q' };
}

function separated(sections: readonly (readonly TrayItem[])[]): readonly TrayItem[] {
  return sections
    .filter((section) => section.length > 0)
    .flatMap((section, at) => (at === 0 ? section : [SEPARATOR, ...section]));
}
