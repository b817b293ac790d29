import { describeError } from '../../../src-main/contract/errors.ts';
import { askedFor } from '../../../src-main/contract/question.ts';
import { isAwaited, type GatewayView, type LineState } from '../../../src-main/contract/snapshot.ts';
import { latency } from '../../ui/latency-text.ts';
import type { BadgeStatus } from '../../ui/Badge.tsx';
import { ago, countdown, duration, moment, secondsUntil, THIN } from '../../ui/time-text.ts';

/** The state in as few words as fit beside a name: `Connected · 23 ms`, `Waiting · 12 s`. */
export function shortState(state: LineState, nowMs: number): string {
  switch (state.status) {
    case 'off':
      return 'Off';
    case 'connecting':
      return `Connecting · ${duration(nowMs - state.sinceMs)}`;
    case 'connected':
      return `Connected · ${latency(state.roundTripMs)}`;
    case 'attached':
      return `Attached · ${latency(state.roundTripMs)}`;
    case 'waiting':
      return isAwaited(state.cause) ? 'Waiting' : `Waiting · ${countdown(secondsUntil(state.retryAtMs, nowMs))}`;
    case 'asks':
      return 'Asks · needs you';
    case 'failed':
      return 'Failed · needs you';
  }
}

/** The same of a gateway: that others reach it is news, so it stands in the place of “Connected”. */
export function shortGateway(
  gateway: GatewayView,
  nowMs: number,
): { readonly status: BadgeStatus; readonly text: string } {
  const { state, exposure, reach } = gateway;
  const to = reach.open?.to;
  // As in the tray: to be public is worse than to wait, and only what has failed is worse than that.
  if (to === 'internet' && state.status !== 'failed' && state.status !== 'asks') {
    const untilMs = exposure?.wish.untilMs;
    return { status: 'public', text: untilMs === undefined ? 'Public' : `Public · ${timeLeft(untilMs, nowMs)}` };
  }
  if (state.status !== 'connected' || to === undefined) return { status: state.status, text: shortState(state, nowMs) };
  return { status: 'exposed', text: `${to === 'lan' ? 'LAN' : 'Tailnet'} · ${latency(state.roundTripMs)}` };
}

/** `27 min`, `2 h 5 min`, and seconds in the last minute. */
function timeLeft(untilMs: number, nowMs: number): string {
  const minutes = Math.floor((untilMs - nowMs) / 60_000);
  if (minutes < 1) return countdown(secondsUntil(untilMs, nowMs));
  return minutes < 60 ? `${minutes}${THIN}min` : duration(minutes * 60_000);
}

/** The word in the badge of a page. */
export function stateWord({ name, state }: Pick<GatewayView, 'name' | 'state'>): string {
  const words: Readonly<Record<LineState['status'], string>> = {
    off: 'Off',
    connecting: 'Connecting',
    connected: 'Connected',
    attached: 'Attached',
    waiting: `Waiting for ${name}`,
    asks: 'Asks you',
    failed: 'Failed',
  };
  return words[state.status];
}

/** A sentence around one name that is set apart. */
export interface Lead {
  readonly before: string;
  readonly name: string;
  readonly after: string;
}

/** What follows the badge: how it is reached, since when, and how fresh that is. */
export function leadOf(gateway: GatewayView, nowMs: number): Lead {
  const { state } = gateway;
  const route = routeOf(gateway);
  switch (state.status) {
    case 'off':
      return { before: 'Programs on this computer are not led to any gateway.', name: '', after: '' };
    case 'connecting': {
      const again = state.attempt > 1 ? `, attempt ${state.attempt}` : '';
      return { ...route, after: ` for ${duration(nowMs - state.sinceMs)}${again}` };
    }
    case 'connected':
    case 'attached':
      return { ...route, after: ` since ${moment(state.sinceMs, nowMs)}, checked ${ago(state.checkedAtMs, nowMs)}` };
    case 'waiting': {
      const attempts = isAwaited(state.cause)
        ? ''
        : `, ${state.attempt} ${state.attempt === 1 ? 'attempt' : 'attempts'}`;
      return { before: `for ${duration(nowMs - state.sinceMs)}${attempts}`, name: '', after: '' };
    }
    case 'asks':
      return { before: `for ${askedFor(state.question)}, since ${moment(state.sinceMs, nowMs)}`, name: '', after: '' };
    case 'failed': {
      const { title } = describeError(state.cause);
      return { before: `${title}, since ${moment(state.sinceMs, nowMs)}`, name: '', after: '' };
    }
  }
}

function routeOf({ kind, target, state }: GatewayView): Pick<Lead, 'before' | 'name'> {
  switch (kind) {
    case 'ssh':
      return { before: 'over SSH to ', name: target ?? '' };
    case 'direct':
      return { before: 'at ', name: target?.replace(/^wss?:\/\//, '') ?? '' };
    case 'local':
      return {
        before: state.status === 'attached' ? 'to the gateway already on this computer' : 'on this computer',
        name: '',
      };
  }
}

/** What kind of gateway it is, for lists. */
export function kindWord({ kind, state }: Pick<GatewayView, 'kind' | 'state'>): string {
  if (kind === 'ssh') return 'Over SSH';
  if (kind === 'direct') return 'At its address';
  return state.status === 'attached' ? 'Runs here, not ours' : 'Runs here';
}

/** What a screen reader is told when a state changes. No figure that moves, so that it changes only with the state. */
export function announcement(gateway: GatewayView | undefined): string {
  if (gateway === undefined) return 'Off';
  const { name, state, reach } = gateway;
  const open = reach.open === undefined ? '' : ` ${reach.headline}`;
  switch (state.status) {
    case 'waiting':
      return `${name} is waiting. ${describeError(state.cause).title}.`;
    case 'asks':
      return `${name} asks for ${askedFor(state.question)}.`;
    case 'failed':
      return `${name} failed and needs you. ${describeError(state.cause).title}.`;
    case 'off':
    case 'connecting':
    case 'connected':
    case 'attached':
      return `${name}: ${state.status}.${open}`;
  }
}
