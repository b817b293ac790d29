import { describeError } from '../contract/errors.ts';
import {
  checkName,
  endSentence,
  FUNNEL_TIME,
  type ExposureChange,
  type ExposurePlan,
  type ExposureWish,
  type LocalExposure,
  type PreflightCheck,
  type VisitorView,
} from '../contract/exposure.ts';
import type { ReachView } from '../contract/snapshot.ts';
import { errorLine } from './terminal.ts';

const CHANGES: Readonly<Record<ExposureChange['what'], string>> = {
  route: 'Route',
  'sign-in': 'Sign-in',
  kept: 'Kept',
};

const WIDTH = 12;
const INDENT = ' '.repeat(4);

/** One line for what is so, or three for what is not, why, and what to do. */
export function checkText(check: PreflightCheck, wish: ExposureWish): string {
  const { found, fault } = check;
  const head = `${fault === undefined ? '✓' : '✗'} ${checkName(check, wish).padEnd(WIDTH)}${found}`.trimEnd();
  if (fault === undefined) return head;
  const { body, next } = describeError(fault);
  const how = fault.code === 'tailscale/needs-password' ? ' With: gangway tailscale funnel --password-file FILE' : '';
  return [head, `${INDENT}${body}`, `${INDENT}${next}${how}`].join('\n');
}

export function changeText({ what, before, after }: ExposureChange): string {
  const lines = [before === undefined ? [] : [`- ${before}`], after === undefined ? [] : [`+ ${after}`]].flat();
  const shown = what === 'kept' ? [after ?? before ?? ''] : lines;
  return shown.map((line, at) => `  ${(at === 0 ? CHANGES[what] : '').padEnd(WIDTH)}${line}`).join('\n');
}

/** Who can reach the gateway, until when, and who has. */
export function exposureText(reach: ReachView, { state, wish, visitors, ended }: LocalExposure): string {
  const until = state.status === 'active' && wish.untilMs !== undefined ? [`It closes at ${clock(wish.untilMs)}.`] : [];
  const stays = state.status === 'active' && wish.mode === 'funnel' && wish.untilMs === undefined;
  const trouble = 'cause' in state ? [describeError(state.cause)].map(({ body, next }) => `${body} ${next}`) : [];
  const address = state.status === 'active' ? [state.url] : [];
  const lines = [
    ...address,
    [reach.headline, ...until].join(' '),
    reach.detail,
    ...(stays ? ['It stays open until somebody closes it: gangway tailscale off'] : []),
    ...(ended === undefined ? [] : [`Funnel was closed. ${endSentence(ended)}`]),
    ...trouble,
    ...visitors.map(visitorText),
  ];
  return lines.map((line) => `${line}\n`).join('');
}

const SIGNED_IN: Readonly<Record<VisitorView['signedIn'], string>> = {
  no: 'not signed in',
  secret: 'signed in with the secret',
  identity: 'signed in by Tailscale identity',
};

function visitorText({ address, login, device, signedIn, requests, refused, isLockedOut }: VisitorView): string {
  const who = [login, device === undefined ? undefined : `(${device})`, address].filter(Boolean).join(' ');
  const wrong = refused === 0 ? '' : `, ${refused} refused${isLockedOut ? ', locked out' : ''}`;
  return `${INDENT}${who}: ${SIGNED_IN[signedIn]}, ${requests} ${requests === 1 ? 'request' : 'requests'}${wrong}`;
}

/** A plan for programs: each fault with its sentences. */
export function planLine({ wish, checks, changes }: ExposurePlan): Record<string, unknown> {
  const shown = checks.map(({ fault, ...check }) => ({
    ...check,
    ok: fault === undefined,
    ...(fault && { fault: errorLine(fault) }),
  }));
  return { wish, checks: shown, changes };
}

const MINUTE_MS = 60_000;
const UNITS: Readonly<Record<string, number>> = { m: MINUTE_MS, h: 60 * MINUTE_MS };

/** `30m`, `2h`: milliseconds; `stays`: `undefined`. @throws RangeError when it is neither, or out of range. */
export function parseOpenFor(text: string): number | undefined {
  if (text === 'stays') return undefined;
  const [, count, unit = ''] = /^(\d{1,4})(m|h)$/.exec(text) ?? [];
  const ms = Number(count) * (UNITS[unit] ?? NaN);
  const { minMs, maxMs } = FUNNEL_TIME;
  if (!(ms >= minMs && ms <= maxMs)) throw new RangeError('Give 15m to 24h, or “stays”.');
  return ms;
}

/** In the time zone of this computer, with the day where it may be another one. */
function clock(atMs: number): string {
  const at = new Date(atMs);
  const time = at.toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' });
  return at.toDateString() === new Date().toDateString() ? time : `${time} on ${at.toDateString()}`;
}
