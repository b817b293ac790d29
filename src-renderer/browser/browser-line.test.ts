import { describe, expect, it } from 'vitest';

import type { ErrorInfo } from '../../src-main/contract/errors.ts';
import { FIRST_LINE, reduceLine, type BrowserEvent, type BrowserLine } from './browser-line.ts';

const facts = { version: '1', protocol: 4, startedAtMs: 0, presence: [] };
const closed: ErrorInfo = { code: 'gateway/closed', params: { url: 'ws://x', closeCode: 1012 } };
const refused: ErrorInfo = { code: 'gateway/token-mismatch', params: { gateway: 'x' } };
const outdated: ErrorInfo = { code: 'gateway/protocol-mismatch', params: { gateway: 'x', theirs: 3 } };

const signedIn: BrowserEvent = { type: 'signed-in', atMs: 1, remembered: false };
const greeted: BrowserEvent = { type: 'greeted', atMs: 2, facts, gatewayName: 'studio' };
const lost = (cause: ErrorInfo): BrowserEvent => ({ type: 'lost', atMs: 3, cause, delayMs: 500 });

const after = (...events: readonly BrowserEvent[]): BrowserLine => events.reduce(reduceLine, FIRST_LINE);

describe('the line of a page', () => {
  it('connects after sign-in, and waits when it is lost', () => {
    expect(after(signedIn).state).toEqual({ status: 'connecting', sinceMs: 1, attempt: 1 });
    expect(after(signedIn, greeted).state).toEqual({ status: 'connected', sinceMs: 2 });
    expect(after(signedIn, greeted, lost(closed)).state).toMatchObject({
      status: 'waiting',
      attempt: 1,
      retryAtMs: 503,
    });
  });

  it('counts attempts of one outage from its beginning', () => {
    const retried: BrowserEvent = { type: 'retry-due', atMs: 10 };
    const { state } = after(signedIn, greeted, lost(closed), retried, lost(closed));
    expect(state).toMatchObject({ status: 'waiting', attempt: 2, sinceMs: 3 });
  });

  it('asks for the token again when it is refused, whenever that is', () => {
    const signedOut = { status: 'signed-out', cause: refused };
    expect(after(signedIn, lost(refused)).state).toEqual(signedOut);
    expect(after(signedIn, greeted, lost(refused)).state).toEqual(signedOut);
    expect(after(signedIn, greeted, lost(refused)).accepted).toBe(false);
  });

  it('stays at sign-in until a token was accepted once', () => {
    expect(after(signedIn, lost(closed)).state).toEqual({ status: 'signed-out', cause: closed });
    expect(after({ ...signedIn, remembered: true }, lost(closed)).state.status).toBe('waiting');
  });

  it('stops at what trying again cannot mend', () => {
    expect(after(signedIn, greeted, lost(outdated)).state).toMatchObject({ status: 'failed', cause: outdated });
  });

  it('notes a loss and the return, not the attempts between', () => {
    const retried: BrowserEvent = { type: 'retry-due', atMs: 10 };
    const line = after(signedIn, greeted, lost(closed), retried, lost(closed), retried, greeted);
    expect(line.events.map(({ text }) => text)).toEqual(['Back', 'Line lost', 'Connected']);
  });

  it('keeps 15 minutes of measurements', () => {
    const measured = Array.from({ length: 100 }, (_, atMs): BrowserEvent => ({ type: 'measured', atMs, ms: 1 }));
    expect(after(signedIn, greeted, ...measured).samples).toHaveLength(90);
  });

  it('forgets everything on sign-out, but never goes back in revision', () => {
    const line = after(signedIn, greeted, { type: 'signed-out' });
    expect(line).toEqual({ ...FIRST_LINE, revision: 3 });
  });

  it.each<[string, BrowserEvent]>([
    ['a greeting', greeted],
    ['a measurement', { type: 'measured', atMs: 1, ms: 1 }],
    ['presence', { type: 'presence-changed', presence: [] }],
    ['a loss', lost(closed)],
    ['a retry', { type: 'retry-due', atMs: 1 }],
  ])('is the very same after %s that came too late', (_name, event) => {
    expect(reduceLine(FIRST_LINE, event)).toBe(FIRST_LINE);
  });
});
