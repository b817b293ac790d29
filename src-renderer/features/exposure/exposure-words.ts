import type {
  ExposureMode,
  ExposureUndo,
  ExposureView,
  LocalExposure,
  TailnetDevices,
  VisitorView,
} from '../../../src-main/contract/exposure.ts';
import { ago, duration, moment, THIN } from '../../ui/time-text.ts';

export const MODE_NAME: Readonly<Record<ExposureMode, string>> = { off: 'Off', serve: 'Serve', funnel: 'Funnel' };

/** What is chosen in the switch. */
export const MODE_LABEL: Readonly<Record<ExposureMode, string>> = {
  off: 'Off',
  serve: 'Serve: my tailnet',
  funnel: 'Funnel: the internet',
};

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** How long a Funnel can be open; absent: until somebody closes it. */
export const OPEN_FOR: readonly { readonly ms: number | undefined; readonly label: string }[] = [
  { ms: 15 * MINUTE, label: `15${THIN}min` },
  { ms: 30 * MINUTE, label: `30${THIN}min` },
  { ms: HOUR, label: `1${THIN}h` },
  { ms: 4 * HOUR, label: `4${THIN}h` },
  { ms: 24 * HOUR, label: `24${THIN}h` },
  { ms: undefined, label: 'Stays on' },
];

export const USUALLY_OPEN_FOR: number = 30 * MINUTE;

const two = (value: number): string => String(value).padStart(2, '0');

/** `27:14`, `1:02:00`: what is left, never below nothing. */
export function timeLeft(untilMs: number, nowMs: number): string {
  const seconds = Math.max(0, Math.ceil((untilMs - nowMs) / 1_000));
  const [hours, minutes, rest] = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60, seconds % 60];
  return hours === 0 ? `${minutes}:${two(rest)}` : `${hours}:${two(minutes)}:${two(rest)}`;
}

/** How long it was to be open: opening itself took a part of it. */
export function timeGiven({ sinceMs, untilMs }: { sinceMs: number; untilMs: number }): string {
  return duration(Math.ceil((untilMs - sinceMs) / MINUTE) * MINUTE);
}

/** How much of its time is left, from 1 to 0. */
export function shareLeft({ sinceMs, untilMs }: { sinceMs: number; untilMs: number }, nowMs: number): number {
  return Math.min(1, Math.max(0, (untilMs - nowMs) / Math.max(1, untilMs - sinceMs)));
}

/** How fresh what is said is: `The route was seen 4 s ago. It answered at its own address 40 s ago.` */
export function freshness({ state }: Pick<ExposureView, 'state'>, nowMs: number): string {
  if (state.status !== 'active') return '';
  const seen = `The route was seen ${ago(state.checkedAtMs, nowMs)}.`;
  if (state.answeredAtMs === undefined) return seen;
  return `${seen} It answered at its own address ${ago(state.answeredAtMs, nowMs)}.`;
}

/** Who the tailnet is, in the sentence about who can reach it: no more than are known to be there. */
export function devicesWords({ others }: TailnetDevices): string {
  return others === 0 ? '(no other device known)' : `(up to ${others} other ${word(others, 'device')})`;
}

/** What stands behind that number. */
export function devicesDetail({ others, online }: TailnetDevices): string {
  if (others === 0) return '';
  const fewer = 'the access rules of the tailnet may let fewer in.';
  if (others === 1) return `The other device is ${online === 1 ? '' : 'not '}online; ${fewer}`;
  return `Of the ${others} other devices ${online} ${online === 1 ? 'is' : 'are'} online; ${fewer}`;
}

/** When it closes, as the end of the sentence about who can reach it. */
export function closing({ state, wish }: Pick<ExposureView, 'state' | 'wish'>, nowMs: number): string {
  if (state.status !== 'active' || wish.untilMs === undefined) return '';
  return `It closes at ${moment(wish.untilMs, nowMs)}.`;
}

/** Beside the title of the switch. */
export function sinceWords({ state, wish }: Pick<ExposureView, 'state' | 'wish'>, nowMs: number): string {
  switch (state.status) {
    case 'active':
      return `${MODE_NAME[state.mode]} is on since ${moment(state.sinceMs, nowMs)}`;
    case 'opening':
      return `Opening for ${duration(nowMs - state.sinceMs)}`;
    case 'closing':
      return `Closing for ${duration(nowMs - state.sinceMs)}`;
    case 'waiting':
    case 'failed':
      return `${MODE_NAME[wish.mode]} is not open since ${moment(state.sinceMs, nowMs)}`;
    case 'off':
      return 'No route is open';
  }
}

const UNDONE: Readonly<Record<ExposureMode, string>> = {
  off: 'closes it again',
  serve: 'goes back to Serve',
  funnel: 'opens it to the internet again',
};

/** What the button beside it does. */
export function undoWords({ mode, restoresConfig }: ExposureUndo, { wish }: Pick<LocalExposure, 'wish'>): string {
  const parts = [
    ...(mode === wish.mode ? [] : [UNDONE[mode]]),
    ...(restoresConfig ? ['gives the configuration the text it had before'] : []),
  ];
  return `Undo ${parts.join(', and ')}.`;
}

/** Which state the exposure has for the eye. */
export function exposureGlyph({
  state,
}: Pick<ExposureView, 'state'>): 'off' | 'connecting' | 'exposed' | 'public' | 'waiting' | 'failed' {
  switch (state.status) {
    case 'off':
      return 'off';
    case 'opening':
    case 'closing':
      return 'connecting';
    case 'active':
      return state.mode === 'funnel' ? 'public' : 'exposed';
    case 'waiting':
    case 'failed':
      return state.status;
  }
}

export interface VisitorRow {
  readonly key: string;
  readonly glyph: 'connected' | 'off' | 'warn';
  readonly who: string;
  readonly detail: string;
  readonly requests: string;
}

/** One row for an address: who it is, whether and how it is signed in, and what was refused. */
export function visitorRow(visitor: VisitorView, secret: LocalExposure['access']['auth']): VisitorRow {
  const { address, login, device, signedIn, requests, refused, isLockedOut } = visitor;
  const isRefused = refused > 0 && signedIn === 'no';
  const wrong = refused === 0 ? [] : [`${refused} wrong ${word(refused, secret === 'token' ? 'token' : 'password')}`];
  const how = {
    no: refused === 0 ? ['not signed in'] : [],
    secret: [`signed in with the ${secret}`],
    identity: ['by Tailscale identity'],
  };
  const place = login === undefined ? [] : [[device, address].filter(Boolean).join(', ')];
  return {
    key: address,
    glyph: isRefused ? 'warn' : signedIn === 'no' ? 'off' : 'connected',
    who: login ?? (device === undefined ? address : `${device}, ${address}`),
    detail: [...place, ...how[signedIn], ...wrong, ...(isLockedOut ? ['locked out'] : [])].join(', '),
    requests: `${requests} ${word(requests, 'request')}`,
  };
}

/** `2 signed in, 1 refused`. */
export function visitorSum(visitors: readonly VisitorView[]): string {
  const signedIn = visitors.filter((visitor) => visitor.signedIn !== 'no').length;
  const refused = visitors.filter((visitor) => visitor.signedIn === 'no' && visitor.refused > 0).length;
  const parts = [signedIn === 0 ? '' : `${signedIn} signed in`, refused === 0 ? '' : `${refused} refused`];
  return parts.filter((part) => part !== '').join(', ');
}

const word = (count: number, one: string): string => (count === 1 ? one : `${one}s`);
