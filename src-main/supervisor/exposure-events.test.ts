import { expect, it } from 'vitest';

import type { ErrorInfo } from '../contract/errors.ts';
import type { ExposureView } from '../contract/exposure.ts';
import { exposureEvent, NOT_EXPOSED, refusedEvent, settledExposure } from './exposure-events.ts';

const cause: ErrorInfo = { code: 'tailscale/claim-lost', params: {} };
const url = 'https://laptop.tail1f3a.ts.net';
const MINUTE = 60_000;
const END = 100 * MINUTE;

type Mode = 'serve' | 'funnel';
type Shape = 'active' | 'waiting' | 'failed' | 'opening';

const ended = (of: ExposureView, end: ExposureView['ended']): ExposureView => ({ ...of, ended: end });
const off: ExposureView = {
  wish: { mode: 'off', port: 443, untilMs: undefined },
  state: { status: 'off' },
  before: 'off',
  visitors: [],
};

function view(mode: Mode, status: Shape = 'active', untilMs?: number): ExposureView {
  const at = { mode, sinceMs: 0 };
  const states = {
    active: { ...at, status: 'active', url, checkedAtMs: 0, answeredAtMs: undefined },
    waiting: { ...at, status: 'waiting', attempt: 1, retryAtMs: 1, cause },
    failed: { ...at, status: 'failed', cause },
    opening: { ...at, status: 'opening' },
  } as const;
  return { wish: { mode, port: 443, untilMs }, state: states[status], before: 'off', visitors: [] };
}

const say = (before: ExposureView | undefined, after: ExposureView | undefined, nowMs = 0): string => {
  const [one, other] = [settledExposure(before) ?? NOT_EXPOSED, settledExposure(after)];
  const event = other && exposureEvent(one, other, nowMs);
  return event === undefined ? 'nothing' : `${event.status}: ${event.text}. ${event.why}`;
};

it.each<[string, ExposureView | undefined, ExposureView | undefined, number?]>([
  ['exposed: Open to your tailnet. By Serve at https://laptop.tail1f3a.ts.net', undefined, view('serve')],
  [
    'public: Open to the internet. By Funnel at https://laptop.tail1f3a.ts.net, for 100 min',
    undefined,
    view('funnel', 'active', END),
  ],
  [
    'public: Open to the internet. By Funnel at https://laptop.tail1f3a.ts.net, until somebody closes it',
    view('serve'),
    view('funnel'),
  ],
  ['waiting: Serve was lost. Tailscale closed the route', view('serve'), view('serve', 'waiting')],
  ['exposed: Serve is back. After: Tailscale closed the route', view('serve', 'waiting'), view('serve')],
  ['failed: Serve stopped. Tailscale closed the route', view('serve', 'waiting'), view('serve', 'failed')],
  ['waiting: Funnel waits. Tailscale closed the route', undefined, view('funnel', 'waiting')],
  ['off: Closed to your tailnet. Only this computer can reach it', view('serve'), undefined],
  ['off: Closed to the internet. Only this computer can reach it', view('funnel', 'active', END), undefined, END - 1],
  ['off: Funnel closed on time. Only this computer can reach it', view('funnel', 'active', END), undefined, END],
  ['exposed: Funnel closed on time. Back to Serve', view('funnel', 'active', END), view('serve'), END],
  [
    'off: Funnel closed by itself. So much time has passed; the clock of this computer was set back meanwhile. Only this computer can reach it',
    view('funnel', 'active', END),
    ended(off, 'clock-back'),
  ],
  [
    'exposed: Funnel closed by itself. The clock of this computer was set forward, past the time at which it was to close. Back to Serve',
    view('funnel', 'active', END),
    ended(view('serve'), 'clock-ahead'),
  ],
  ['off: Funnel was not opened again. Its time is over.', undefined, ended(off, 'on-time')],
  ['nothing', ended(off, 'on-time'), ended(off, 'on-time')],
  ['exposed: Closed to the internet. Back to Serve', view('funnel'), view('serve')],
  [
    'public: The time of the Funnel was changed. 15 min more',
    view('funnel', 'active', END),
    view('funnel', 'active', END + 15 * MINUTE),
  ],
  ['nothing', view('serve'), view('serve')],
  ['nothing', view('serve', 'waiting'), view('serve', 'waiting')],
  ['nothing', view('serve'), view('serve', 'opening')],
  ['nothing', view('serve'), { ...view('serve'), state: { status: 'off' } }],
  ['nothing', undefined, undefined],
])('%s', (words, before, after, nowMs) => expect(say(before, after, nowMs)).toBe(words));

it('says what was not opened, and why', () => {
  expect(refusedEvent('funnel', { code: 'tailscale/needs-password', params: { mode: 'token' } })).toEqual({
    status: 'failed',
    text: 'Funnel was not opened',
    why: 'Funnel needs a password',
  });
});
