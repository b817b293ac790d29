import { describeError, type ErrorInfo } from '../contract/errors.ts';
import {
  endSentence,
  type ExposureMode,
  type ExposureState,
  type ExposureView,
  type FunnelEnd,
} from '../contract/exposure.ts';
import type { NewEvent } from './timeline.ts';

type Words = Omit<NewEvent, 'gateway'>;

type SettledState = Exclude<ExposureState, { status: 'opening' | 'closing' }>;

/** What is compared: a state that stays, with the wish that led to it. */
export interface SettledExposure {
  readonly state: SettledState;
  readonly untilMs: number | undefined;
  /** Why the last Funnel was closed by itself. */
  readonly ended?: FunnelEnd | undefined;
}

export const NOT_EXPOSED: SettledExposure = { state: { status: 'off' }, untilMs: undefined };

/** `undefined` while it is on its way: that is not news. A gateway that is gone has closed everything. */
export function settledExposure(view: ExposureView | undefined): SettledExposure | undefined {
  if (view === undefined) return NOT_EXPOSED;
  const { state, wish, ended } = view;
  // Between two routes there is none for a moment.
  if (state.status === 'off' && wish.mode !== 'off') return undefined;
  return isSettled(state) ? { state, untilMs: wish.untilMs, ended } : undefined;
}

function isSettled(state: ExposureState): state is SettledState {
  return state.status !== 'opening' && state.status !== 'closing';
}

/** What is to be remembered when the exposure comes from one settled state to another. */
export function exposureEvent(before: SettledExposure, after: SettledExposure, nowMs: number): Words | undefined {
  const { state } = after;
  switch (state.status) {
    case 'active':
      return openedEvent(before, { ...after, state }, nowMs);
    case 'off':
      if (before.state.status === 'off') return stayedClosedEvent(before, after);
      return closedEvent(before, after, { nowMs, then: 'Only this computer can reach it' });
    case 'waiting':
    case 'failed': {
      const known = before.state;
      if (known.status === state.status && known.mode === state.mode && known.cause.code === state.cause.code)
        return undefined;
      const verb = state.status === 'failed' ? 'stopped' : known.status === 'active' ? 'was lost' : 'waits';
      return { status: state.status, text: `${NAME[state.mode]} ${verb}`, why: describeError(state.cause).title };
    }
  }
}

/** A wish that was not carried out; what was there before is there still. */
export function refusedEvent(mode: ExposureMode, cause: ErrorInfo): Words {
  const text = mode === 'off' ? 'Tailscale was not closed' : `${NAME[mode]} was not opened`;
  return { status: 'failed', text, why: describeError(cause).title };
}

type Active = SettledExposure & { readonly state: Extract<ExposureState, { status: 'active' }> };

function openedEvent(before: SettledExposure, after: Active, nowMs: number): Words | undefined {
  const { mode, url } = after.state;
  const status = mode === 'funnel' ? 'public' : 'exposed';
  const known = before.state;
  const isSame = known.status !== 'off' && known.mode === mode;
  if (isSame && known.status === 'active')
    return known.url === url ? extendedEvent(before, after) : opened(after, nowMs);
  if (isSame && 'cause' in known) {
    return { status, text: `${NAME[mode]} is back`, why: `After: ${describeError(known.cause).title}` };
  }
  const isLess = mode === 'serve' && known.status === 'active';
  return isLess ? { ...closedEvent(before, after, { nowMs, then: 'Back to Serve' }), status } : opened(after, nowMs);
}

function opened({ state: { mode, url }, untilMs }: Active, nowMs: number): Words {
  if (mode === 'serve') return { status: 'exposed', text: 'Open to your tailnet', why: `By Serve at ${url}` };
  const end = untilMs === undefined ? 'until somebody closes it' : `for ${minutes(untilMs - nowMs)} min`;
  return { status: 'public', text: 'Open to the internet', why: `By Funnel at ${url}, ${end}` };
}

function extendedEvent(before: SettledExposure, { untilMs, state }: Active): Words | undefined {
  if (state.mode !== 'funnel' || before.untilMs === untilMs) return undefined;
  const why =
    untilMs === undefined
      ? 'Until somebody closes it'
      : before.untilMs === undefined
        ? 'It closes by itself now'
        : `${minutes(Math.abs(untilMs - before.untilMs))} min ${untilMs > before.untilMs ? 'more' : 'less'}`;
  return { status: 'public', text: 'The time of the Funnel was changed', why };
}

function closedEvent(
  { state, untilMs }: SettledExposure,
  { ended }: SettledExposure,
  { nowMs, then }: { readonly nowMs: number; readonly then: string },
): Words {
  const mode = state.status === 'off' ? 'off' : state.mode;
  const isOnTime = mode === 'funnel' && untilMs !== undefined && nowMs >= untilMs;
  if (ended !== undefined && ended !== 'on-time') {
    return { status: 'off', text: 'Funnel closed by itself', why: `${endSentence(ended)} ${then}` };
  }
  const text = mode === 'funnel' ? 'Closed to the internet' : 'Closed to your tailnet';
  return { status: 'off', text: isOnTime ? 'Funnel closed on time' : text, why: then };
}

/** A Funnel that a crash has interrupted is not always opened again. */
function stayedClosedEvent(before: SettledExposure, { ended }: SettledExposure): Words | undefined {
  if (ended === undefined || ended === before.ended) return undefined;
  return { status: 'off', text: 'Funnel was not opened again', why: endSentence(ended) };
}

const NAME: Readonly<Record<ExposureMode, string>> = { off: 'Tailscale', serve: 'Serve', funnel: 'Funnel' };

const minutes = (ms: number): number => Math.max(1, Math.round(ms / 60_000));
