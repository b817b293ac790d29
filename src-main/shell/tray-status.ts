import { describeError, type ErrorInfo } from '../contract/errors.ts';
import { askedFor } from '../contract/question.ts';
import { isAwaited, type GatewayView, type LineState } from '../contract/snapshot.ts';
import { plainText, shortened, wrapped } from './plain-text.ts';
import { clockText, exactClockText, latencyText } from './time-text.ts';
import { openItems, openWords } from './tray-exposure.ts';
import { fixesOf, type Patient } from './tray-fixes.ts';
import { action, label, type TrayItem } from './tray-item.ts';

const LINE_CHARS = 60;
const NAME_CHARS = 40;

type Troubled = Extract<LineState, { cause: ErrorInfo }>;

/** The state of a gateway in words, why it is so, since when, what comes next, and what a person can do. */
export function statusItems(patient: Patient, nowMs: number): readonly TrayItem[] {
  const { gateway } = patient;
  const { state } = gateway;
  const headline = label(headlineOf(gateway, nowMs));
  switch (state.status) {
    case 'off':
      return [headline, ...lines(offReason(gateway))];
    case 'connecting':
      return [
        headline,
        ...lines(`${way(gateway)}, since ${exactClockText(state.sinceMs, nowMs)}${tries(state.attempt)}`),
      ];
    case 'asks':
      return [
        action(`answer:${gateway.id}`, `${headlineOf(gateway, nowMs)}…`, {
          command: { type: 'open-window', route: patient.route },
        }),
        ...lines(`${way(gateway)}, since ${clockText(state.sinceMs, nowMs)}`),
      ];
    case 'connected':
    case 'attached': {
      const since = clockText(state.sinceMs, nowMs);
      const reached = lines(`${way(gateway)}, since ${since}, ${latencyText(state.roundTripMs)}`);
      return [headline, ...openItems(gateway, nowMs), ...reached];
    }
    case 'waiting':
    case 'failed':
      return [headline, ...trouble(patient, state, nowMs)];
  }
}

/** `Studio: waiting`, what it asks for, or how far it is open to others. */
export function headlineOf(gateway: GatewayView, nowMs: number): string {
  const { state } = gateway;
  if (state.status === 'asks') {
    return shortened(`${nameOf(gateway)} asks for ${plainText(askedFor(state.question))}`, LINE_CHARS + 20);
  }
  const isUp = state.status === 'connected' || state.status === 'attached';
  return `${nameOf(gateway)}: ${(isUp ? openWords(gateway, nowMs) : undefined) ?? stateWord(state)}`;
}

/** The state in the place where a healthy gateway shows its latency. */
export function shortState({ state, reach }: GatewayView): string {
  if (reach.open?.to === 'internet') return 'public';
  const isUp = state.status === 'connected' || state.status === 'attached';
  return isUp ? latencyText(state.roundTripMs) : stateWord(state);
}

/** The headline with its reason, for the tooltip: 127 characters are all that Windows shows. */
export function summaryOf(gateway: GatewayView, nowMs: number): string {
  const { state } = gateway;
  const isTroubled = state.status === 'waiting' || state.status === 'failed';
  const reason = isTroubled ? `. ${describeError(state.cause).title}` : '';
  return `${headlineOf(gateway, nowMs)}${reason}`;
}

export function nameOf({ name }: GatewayView): string {
  return shortened(name, NAME_CHARS);
}

export function stateWord(state: LineState): string {
  if (state.status === 'asks') return 'asks you';
  if (state.status !== 'failed') return state.status;
  return describeError(state.cause).retry === 'needs-user' ? 'stopped, needs you' : 'stopped';
}

function trouble(patient: Patient, state: Troubled, nowMs: number): readonly TrayItem[] {
  const { title, body, next } = describeError(state.cause);
  const { gateway } = patient;
  const fixes = fixesOf(patient, state.cause);
  // Where a button does it, the sentence that says the same is not needed.
  const hasRemedy = fixes.length > 1;
  return [
    label(shortened(title, LINE_CHARS + 20)),
    ...lines(body),
    ...(hasRemedy ? [] : lines(next)),
    ...lines(
      `${way(gateway)}, ${state.status === 'failed' ? 'stopped' : 'down'} since ${clockText(state.sinceMs, nowMs)}`,
    ),
    ...(state.status === 'waiting' && !isAwaited(state.cause) ? [label(nextTry(state.retryAtMs, nowMs))] : []),
    ...fixes,
  ];
}

function nextTry(retryAtMs: number, nowMs: number): string {
  return retryAtMs <= nowMs ? 'Trying again now' : `Next try at ${exactClockText(retryAtMs, nowMs)}`;
}

/** How this computer reaches the gateway: the target is part of every status. */
function way({ kind, target, url, state }: GatewayView): string {
  switch (kind) {
    case 'ssh':
      return `Over SSH to ${plainText(target ?? 'an unknown computer')}`;
    case 'direct':
      return `Directly to ${plainText(target ?? 'an unknown address')}`;
    case 'local': {
      const port = url === undefined ? '' : `, port ${new URL(url).port}`;
      return state.status === 'attached'
        ? `On this computer${port}, started by another program`
        : `On this computer${port}`;
    }
  }
}

function offReason({ wanted }: GatewayView): string {
  return wanted === 'up' ? 'It is about to be started.' : 'Switched off by you.';
}

const tries = (attempt: number): string => (attempt > 1 ? `, attempt ${attempt}` : '');

const lines = (text: string): readonly TrayItem[] => wrapped(text, LINE_CHARS).map(label);
