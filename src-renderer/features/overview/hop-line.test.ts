import { expect, it } from 'vitest';

import type { HopView } from '../../../src-main/contract/snapshot.ts';
import { isFault, lineAfter } from './hop-line.ts';

const hop = (state: HopView['state'], name: HopView['hop'] = 'gateway'): HopView => ({
  hop: name,
  title: name,
  state,
  latencyMs: undefined,
  word: '',
  detail: '',
});

it.each([
  [hop('connected'), 'ok'],
  [hop('connecting'), 'making'],
  [hop('waiting'), 'wait'],
  [hop('failed'), 'broken'],
  [hop('unreached'), 'unknown'],
  [hop('off'), 'none'],
  [hop('off', 'exposure'), 'none'],
  [hop('unreached', 'exposure'), 'none'],
  [hop('connected', 'exposure'), 'ok'],
  [undefined, 'none'],
])('the line that leads to $state is drawn %s', (next, line) => expect(lineAfter(next)).toBe(line));

it('boxes the hop that is at fault, and no other', () => {
  const states = ['here', 'connected', 'connecting', 'waiting', 'failed', 'unreached', 'off'] as const;
  expect(states.filter((state) => isFault(hop(state)))).toEqual(['waiting', 'failed']);
});
