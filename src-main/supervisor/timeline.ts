import { describeError } from '../contract/errors.ts';
import { askedFor } from '../contract/question.ts';
import type { GatewayView, LineState, TimelineEvent } from '../contract/snapshot.ts';
import { causeOf } from './line-facts.ts';

export type NewEvent = Omit<TimelineEvent, 'id' | 'atMs'>;

/** A state worth comparing with: attempts in between are not news. */
export type SettledState = Exclude<LineState, { status: 'connecting' }>;

export function settledState(state: LineState): SettledState | undefined {
  return state.status === 'connecting' ? undefined : state;
}

/** What is to be remembered when a line comes from one settled state to another; nothing when it is the same. */
export function eventBetween(before: SettledState, state: SettledState, view: GatewayView): NewEvent | undefined {
  if (isUp(before) ? isUp(state) : before.status === state.status && causeOf(before)?.code === causeOf(state)?.code) {
    return undefined;
  }
  const [text, why] = wordsFor(before, state, view);
  return { gateway: view.id, status: state.status, text, why };
}

function wordsFor(
  before: SettledState,
  state: SettledState,
  { name, kind, url }: GatewayView,
): readonly [string, string?] {
  switch (state.status) {
    case 'connected': {
      const cause = causeOf(before);
      return cause === undefined ? FIRST[kind](name, url) : [`${name}: back`, `After: ${describeError(cause).title}`];
    }
    case 'attached':
      return [`Attached to the gateway at ${url ?? 'its port'}`];
    case 'asks': {
      const text = `${name} asks for ${askedFor(state.question)}`;
      return isUp(before) ? [`${name}: line lost`, text] : [text];
    }
    case 'waiting':
    case 'failed': {
      const { title } = describeError(state.cause);
      return isUp(before) ? [`${name}: line lost`, title] : [title];
    }
    case 'off':
      return [`${name} switched off`];
  }
}

const FIRST: Readonly<
  Record<GatewayView['kind'], (name: string, url: string | undefined) => readonly [string, string?]>
> = {
  local: (_name, url) => ['Gateway started', `It listens on ${url?.replace('ws://', '') ?? 'loopback'}`],
  ssh: (name) => [`${name}: connected over SSH`, 'The host key matches known_hosts'],
  direct: (name) => [`${name}: connected`],
};

function isUp({ status }: LineState): boolean {
  return status === 'connected' || status === 'attached';
}
