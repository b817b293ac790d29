import { describe, expect, it } from 'vitest';

import type { SignInQuestion } from '../../../src-main/contract/question.ts';
import type { GatewayId, GatewayView, LineState, Snapshot } from '../../../src-main/contract/snapshot.ts';
import { isBeingTried, openQuestion } from './open-question.ts';

const ids = { studio: 'studio' as GatewayId, vps: 'vps' as GatewayId };
const ask = (id: string, kind: 'password' | 'passphrase' = 'password'): SignInQuestion => {
  const asked = { id, askedAtMs: 0, host: 'h', user: 'u', attempt: 1, wrong: false };
  return kind === 'password' ? { ...asked, kind } : { ...asked, kind, file: '/k', key: 'k', fingerprint: undefined };
};
const asks = (question: SignInQuestion): LineState => ({ status: 'asks', sinceMs: 0, question });
const connecting: LineState = { status: 'connecting', sinceMs: 0, attempt: 1 };
const off: LineState = { status: 'off' };

const snapshot = (studio: LineState, vps: LineState = off): Snapshot =>
  ({
    use: ids.studio,
    gateways: [{ id: ids.vps, state: vps } as GatewayView, { id: ids.studio, state: studio } as GatewayView],
  }) as unknown as Snapshot;

describe('the question that is shown', () => {
  it('is that of the gateway in use, then any other', () => {
    expect(openQuestion(snapshot(asks(ask('s')), asks(ask('v'))), undefined)).toMatchObject({ question: { id: 's' } });
    expect(openQuestion(snapshot(connecting, asks(ask('v'))), undefined)).toMatchObject({ gateway: { id: ids.vps } });
    expect(openQuestion(snapshot(connecting), undefined)).toBeUndefined();
  });

  it('stays while its answer is tried, unless that was judged already', () => {
    const password = { gateway: ids.studio, question: ask('s') };
    expect(openQuestion(snapshot(connecting), password)).toMatchObject({ question: { id: 's' }, isAnswered: true });
    const passphrase = { gateway: ids.studio, question: ask('s', 'passphrase') };
    expect(openQuestion(snapshot(connecting), passphrase)).toBeUndefined();
    expect(openQuestion(snapshot(asks(ask('s'))), password)).toMatchObject({ isAnswered: true });
    expect(openQuestion(snapshot(asks(ask('t'))), password)).toMatchObject({
      question: { id: 't' },
      isAnswered: false,
    });
  });

  it('does not give way to another gateway while somebody is at it', () => {
    const answered = { gateway: ids.vps, question: ask('v') };
    expect(openQuestion(snapshot(asks(ask('s')), asks(ask('w'))), answered)).toMatchObject({ question: { id: 'w' } });
  });
});

it('is over for an answer as soon as the line has moved on', () => {
  const answered = { gateway: ids.studio, question: ask('s') };
  expect(isBeingTried(snapshot(connecting), answered)).toBe(true);
  expect(isBeingTried(snapshot(asks(ask('s'))), answered)).toBe(true);
  expect(isBeingTried(snapshot(asks(ask('t'))), answered)).toBe(true);
  expect(isBeingTried(snapshot(off), answered)).toBe(false);
});
