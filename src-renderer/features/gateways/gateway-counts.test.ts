import { expect, it } from 'vitest';

import type { LineState } from '../../../src-main/contract/snapshot.ts';
import { gatewayCounts } from './gateway-counts.ts';

const cause = { code: 'gateway/silent', params: { url: 'ws://x' } } as const;
const up: LineState = { status: 'connected', sinceMs: 0, checkedAtMs: 0, roundTripMs: 1 };
const failed: LineState = { status: 'failed', sinceMs: 0, cause };
const waiting: LineState = { status: 'waiting', sinceMs: 0, attempt: 1, retryAtMs: 0, cause };
const off: LineState = { status: 'off' };

it.each<[readonly LineState[], string]>([
  [[off], '1 gateway: all off'],
  [[up, { ...up, status: 'attached' }, off], '3 gateways: 2 connected'],
  [[up, waiting, failed, failed], '4 gateways: 1 connected, 1 waiting, 2 need you'],
  [[failed], '1 gateway: 1 needs you'],
])('counts %j', (states, said) => expect(gatewayCounts(states.map((state) => ({ state })))).toBe(said));
