import { retryAdvice, type ErrorInfo } from '../../src-main/contract/errors.ts';
import type { GatewayFacts, PresenceView, Sample, TimelineEvent } from '../../src-main/contract/snapshot.ts';

/** What the line of this page to its own gateway is doing. */
export type BrowserState =
  | { readonly status: 'signed-out'; readonly cause: ErrorInfo | undefined }
  | { readonly status: 'connecting'; readonly sinceMs: number; readonly attempt: number }
  | { readonly status: 'connected'; readonly sinceMs: number }
  | {
      readonly status: 'waiting';
      readonly sinceMs: number;
      readonly attempt: number;
      readonly retryAtMs: number;
      readonly cause: ErrorInfo;
    }
  | { readonly status: 'failed'; readonly sinceMs: number; readonly cause: ErrorInfo };

/** Everything this page knows. Immutable; `revision` grows with every change. */
export interface BrowserLine {
  readonly revision: number;
  readonly state: BrowserState;
  /** The gateway has accepted this token before, so a lost line is no reason to ask for it again. */
  readonly accepted: boolean;
  readonly facts: GatewayFacts | undefined;
  /** The name by which the gateway calls its computer. */
  readonly gatewayName: string | undefined;
  readonly samples: readonly Sample[];
  readonly events: readonly TimelineEvent[];
}

export type BrowserEvent =
  | { readonly type: 'signed-in'; readonly atMs: number; readonly remembered: boolean }
  | { readonly type: 'signed-out' }
  | {
      readonly type: 'greeted';
      readonly atMs: number;
      readonly facts: GatewayFacts;
      readonly gatewayName: string | undefined;
    }
  | { readonly type: 'measured'; readonly atMs: number; readonly ms: number | undefined }
  | { readonly type: 'presence-changed'; readonly presence: readonly PresenceView[] }
  | { readonly type: 'lost'; readonly atMs: number; readonly cause: ErrorInfo; readonly delayMs: number }
  | { readonly type: 'retry-due'; readonly atMs: number };

export const FIRST_LINE: BrowserLine = {
  revision: 0,
  state: { status: 'signed-out', cause: undefined },
  accepted: false,
  facts: undefined,
  gatewayName: undefined,
  samples: [],
  events: [],
};

/** 15 minutes of one measurement every 10 s. */
const KEPT_SAMPLES = 90;
const KEPT_EVENTS = 50;

/** Pure. An event that means nothing now returns the very same line. */
export function reduceLine(line: BrowserLine, event: BrowserEvent): BrowserLine {
  const next = step(line, event);
  return next === line ? line : { ...next, revision: line.revision + 1 };
}

function step(line: BrowserLine, event: BrowserEvent): BrowserLine {
  const { state } = line;
  switch (event.type) {
    case 'signed-in':
      return {
        ...line,
        state: { status: 'connecting', sinceMs: event.atMs, attempt: 1 },
        accepted: event.remembered,
      };
    case 'signed-out':
      return { ...FIRST_LINE, revision: line.revision };
    case 'greeted':
      return state.status === 'connecting' ? greeted(line, event) : line;
    case 'measured':
      return state.status === 'connected' ? sampled(line, event) : line;
    case 'presence-changed':
      return line.facts === undefined ? line : { ...line, facts: { ...line.facts, presence: event.presence } };
    case 'lost':
      return isOpenOrOpening(state) ? lost(line, event) : line;
    case 'retry-due':
      return retried(line, event.atMs);
  }
}

function isOpenOrOpening({ status }: BrowserState): boolean {
  return status === 'connecting' || status === 'connected';
}

function greeted(
  line: BrowserLine,
  { atMs, facts, gatewayName }: Extract<BrowserEvent, { type: 'greeted' }>,
): BrowserLine {
  const back = line.events.length > 0;
  return {
    ...line,
    state: { status: 'connected', sinceMs: atMs },
    accepted: true,
    facts,
    gatewayName,
    events: noted(line, { atMs, status: 'connected', text: back ? 'Back' : 'Connected', why: undefined }),
  };
}

function retried(line: BrowserLine, atMs: number): BrowserLine {
  const { state } = line;
  if (state.status === 'waiting') {
    return { ...line, state: { status: 'connecting', sinceMs: state.sinceMs, attempt: state.attempt + 1 } };
  }
  return state.status === 'failed' ? { ...line, state: { status: 'connecting', sinceMs: atMs, attempt: 1 } } : line;
}

type Lost = Extract<BrowserEvent, { type: 'lost' }>;

function lost(line: BrowserLine, event: Lost): BrowserLine {
  if (endsSignIn(line, event.cause))
    return { ...FIRST_LINE, revision: line.revision, state: { status: 'signed-out', cause: event.cause } };
  const measured = sampled(line, { atMs: event.atMs, ms: undefined });
  return { ...measured, state: afterLoss(line.state, event), events: eventsAfterLoss(line, event) };
}

/** A wrong token is asked for anew; before it was accepted once, so is anything else the person could wait for. */
function endsSignIn({ accepted }: BrowserLine, cause: ErrorInfo): boolean {
  return !accepted || cause.code === 'gateway/token-mismatch' || cause.code === 'gateway/token-missing';
}

function afterLoss(state: BrowserState, { atMs, cause, delayMs }: Lost): BrowserState {
  if (retryAdvice(cause) !== 'retry') return { status: 'failed', sinceMs: atMs, cause };
  const [sinceMs, attempt] = state.status === 'connecting' ? [state.sinceMs, state.attempt] : [atMs, 1];
  return { status: 'waiting', sinceMs, attempt, retryAtMs: atMs + delayMs, cause };
}

/** Only the loss itself is news, not each attempt that follows. */
function eventsAfterLoss(line: BrowserLine, { atMs, cause }: Lost): readonly TimelineEvent[] {
  if (line.state.status !== 'connected') return line.events;
  const status = retryAdvice(cause) === 'retry' ? 'waiting' : 'failed';
  return noted(line, { atMs, status, text: 'Line lost', why: undefined });
}

function sampled(line: BrowserLine, { atMs, ms }: Sample): BrowserLine {
  return { ...line, samples: [...line.samples, { atMs, ms }].slice(-KEPT_SAMPLES) };
}

function noted({ events }: BrowserLine, event: Omit<TimelineEvent, 'id' | 'gateway'>): readonly TimelineEvent[] {
  const id = (events[0]?.id ?? 0) + 1;
  return [{ id, gateway: undefined, ...event }, ...events].slice(0, KEPT_EVENTS);
}
