import { afterClosing, type ExposureMode, type LocalExposure } from '../contract/exposure.ts';
import { LOCAL_GATEWAY, type GatewayView, type Snapshot } from '../contract/snapshot.ts';
import { shortened, wrapped } from './plain-text.ts';
import { clockText } from './time-text.ts';
import { action, call, label, SEPARATOR, type TrayItem } from './tray-item.ts';

const LINE_CHARS = 60;
const MINUTE_MS = 60_000;
const HALF_AN_HOUR_MS = 30 * MINUTE_MS;

const NAMES: Readonly<Record<ExposureMode, string>> = { off: 'Off', serve: 'Serve', funnel: 'Funnel' };

/** In the place of “connected”, when others reach a gateway: `public, 27 min left`. */
export function openWords({ reach, exposure }: GatewayView, nowMs: number): string | undefined {
  switch (reach.open?.to) {
    case undefined:
      return undefined;
    case 'lan':
      return 'open to your network';
    case 'tailnet':
      return 'open to your tailnet';
    case 'internet': {
      const untilMs = exposure?.wish.untilMs;
      return untilMs === undefined ? 'public' : `public, ${minutesLeft(untilMs - nowMs)} left`;
    }
  }
}

/** Who can reach it, where, until when, and the way to end it; empty while nobody else can. */
export function openItems({ reach, exposure }: GatewayView, nowMs: number): readonly TrayItem[] {
  if (reach.open === undefined) return [];
  const state = exposure?.state;
  const untilMs = exposure?.wish.untilMs;
  const place = state?.status === 'active' ? [new URL(state.url).host] : [];
  const end = untilMs === undefined ? [] : [`closes at ${clockText(untilMs, nowMs)}`];
  return [
    ...wrapped(reach.headline, LINE_CHARS).map(label),
    ...wrapped([...place, ...end].join(', '), LINE_CHARS).map(label),
    ...(exposure === undefined ? [] : closeItem(exposure)),
  ];
}

function closeItem(exposure: LocalExposure): readonly TrayItem[] {
  const { state } = exposure;
  if (state.status !== 'active') return [];
  const command = call({ name: 'exposure.apply', input: { mode: afterClosing(exposure) } });
  return state.mode === 'funnel'
    ? [action('exposure:close', 'Close to the internet now', { command, accelerator: 'CmdOrCtrl+.' })]
    : [action('exposure:close', 'Close to your tailnet now', { command })];
}

/** The switch between nobody else, the tailnet and the internet, and what came of it. */
export function exposureItems({ gateways }: Pick<Snapshot, 'gateways'>): readonly TrayItem[] {
  const exposure = gateways.find(({ id }) => id === LOCAL_GATEWAY)?.exposure;
  if (exposure === undefined) return [];
  const { wish, state } = exposure;
  const isDown = state.status === 'waiting' || state.status === 'failed';
  const title = `Tailscale: ${NAMES[wish.mode]}${isDown ? ' (not open)' : ''}`;
  return [{ type: 'submenu', id: 'exposure', label: title, items: switchItems(exposure) }, ...visitorItems(exposure)];
}

function switchItems({ wish, state }: LocalExposure): readonly TrayItem[] {
  const isTimed = wish.mode === 'funnel' && wish.untilMs !== undefined;
  const isForEver = wish.mode === 'funnel' && wish.untilMs === undefined;
  const url = state.status === 'active' ? state.url : undefined;
  return [
    action('exposure:off', 'Off', {
      command: call({ name: 'exposure.apply', input: { mode: 'off' } }),
      checked: wish.mode === 'off',
    }),
    action('exposure:serve', 'Serve: my tailnet', {
      command: call({ name: 'exposure.apply', input: { mode: 'serve' } }),
      checked: wish.mode === 'serve',
    }),
    action('exposure:funnel', 'Funnel for 30 min', {
      command: call({ name: 'exposure.apply', input: { mode: 'funnel', forMs: HALF_AN_HOUR_MS } }),
      checked: isTimed,
    }),
    action('exposure:more', 'Funnel…', { command: { type: 'open-window', route: '/exposure' }, checked: isForEver }),
    ...(url === undefined
      ? []
      : [
          SEPARATOR,
          action('exposure:copy', shortened(`Copy ${url}`, LINE_CHARS), { command: { type: 'copy-text', text: url } }),
        ]),
  ];
}

function visitorItems({ visitors }: LocalExposure): readonly TrayItem[] {
  const signedIn = visitors.filter((visitor) => visitor.signedIn !== 'no').length;
  const refused = visitors.filter((visitor) => visitor.signedIn === 'no' && visitor.refused > 0).length;
  const parts = [...(signedIn > 0 ? [`${signedIn} signed in`] : []), ...(refused > 0 ? [`${refused} refused`] : [])];
  return parts.length === 0 ? [] : [label(`${parts.join(', ')} since it opened`)];
}

/** Begun minutes do not count, as on a clock. */
function minutesLeft(ms: number): string {
  if (ms < MINUTE_MS) return 'under 1 min';
  const minutes = Math.floor(ms / MINUTE_MS);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
