import { describe, expect, it } from 'vitest';

import { fail } from '../contract/errors.ts';
import { FakeClock, settle } from '../platform/testing/fake-clock.ts';
import { nullLogger } from '../platform/testing/null-logger.ts';
import { GatewayClient } from './gateway-client.ts';
import type { GatewaySession } from './gateway-session.ts';

function session(): GatewaySession {
  const lost = Promise.withResolvers<unknown>();
  return {
    hello: { version: '1', protocol: 4, startedAtMs: 0, presence: [] },
    lost: lost.promise,
    request: async () => ({ ok: true }),
    giveUp: () => lost.resolve(undefined),
    close: async () => lost.resolve(undefined),
  };
}

const unapproved = (requestId: string | undefined, more: { readonly mayAskAgain?: false } = {}) =>
  fail('gateway/pairing-required', { gateway: 'Studio', requestId, ...more });

/** A client of a gateway that does what `answer` says each time it is asked. */
function asking(answer: (asked: number) => GatewaySession | Promise<GatewaySession>) {
  const clock = new FakeClock(1_000);
  const shown: string[] = [];
  let asked = 0;
  const client: GatewayClient = new GatewayClient({
    open: async () => answer((asked += 1)),
    clock,
    log: nullLogger,
    random: () => 0.5,
    onChange: () => shown.push(client.state.status),
  });
  return { client, clock, shown, asked: () => asked };
}

describe('a device that waits for approval', () => {
  it('asks every 15 s, which is not shown, and connects once it is approved', async () => {
    let isApproved = false;
    const { client, clock, shown, asked } = asking(() => {
      if (isApproved) return session();
      throw unapproved('r-1');
    });
    client.start();
    await settle();
    shown.splice(0);
    await clock.advance(60_000);
    expect([asked(), client.state.status, shown]).toEqual([5, 'failed', []]);
    isApproved = true;
    await clock.advance(15_000);
    expect(client.state.status).toBe('open');
    await client.stop();
    expect(clock.pendingTimers).toBe(0);
  });

  it('says so when the request is gone, and asks no more until a person does', async () => {
    let waiting = 'r-1';
    const { client, clock, asked } = asking(() => {
      throw unapproved(waiting);
    });
    client.start();
    await settle();
    waiting = 'r-2';
    await clock.advance(15_000);
    expect(client.state).toMatchObject({ status: 'failed', cause: { params: { requestId: 'r-2', before: 'r-1' } } });
    const before = asked();
    await clock.advance(600_000);
    expect([asked(), clock.pendingTimers]).toEqual([before, 0]);

    client.start();
    await clock.advance(15_000);
    expect(asked()).toBe(before + 2);
    expect(client.state).toMatchObject({ status: 'failed', cause: { params: { requestId: 'r-2' } } });
    expect(client.state).not.toMatchObject({ cause: { params: { before: 'r-1' } } });
    await client.stop();
  });

  it('goes on asking while the gateway is away, and shows what else only a person can mend', async () => {
    const { client, clock } = asking((asked) => {
      if (asked === 1) throw unapproved('r-1');
      if (asked === 2) throw fail('gateway/unreachable', { url: 'ws://x', reason: 'refused' });
      throw fail('gateway/token-mismatch', { gateway: 'Studio' });
    });
    client.start();
    await clock.advance(15_000);
    expect(client.state).toMatchObject({ cause: { code: 'gateway/pairing-required' } });
    await clock.advance(15_000);
    expect(client.state).toMatchObject({ status: 'failed', cause: { code: 'gateway/token-mismatch' } });
    expect(clock.pendingTimers).toBe(0);
  });

  it.each([
    ['the gateway wants to be left alone', unapproved('r-1', { mayAskAgain: false })],
    ['the request has no number', unapproved(undefined)],
  ])('asks once where %s', async (_why, error) => {
    const { client, clock, asked } = asking(() => {
      throw error;
    });
    client.start();
    await clock.advance(600_000);
    expect([asked(), clock.pendingTimers]).toEqual([1, 0]);
  });

  it('ends what it asks when it is stopped', async () => {
    const opened = session();
    const late = Promise.withResolvers<GatewaySession>();
    const { client, clock } = asking((asked) => {
      if (asked > 1) return late.promise;
      throw unapproved('r-1');
    });
    client.start();
    await clock.advance(15_000);
    const stopped = client.stop();
    late.resolve(opened);
    await stopped;
    expect(await opened.lost).toBeUndefined();
    expect([client.state.status, clock.pendingTimers]).toEqual(['stopped', 0]);
  });
});
