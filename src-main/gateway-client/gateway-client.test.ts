import { GatewayProtocolRequestError } from '@openclaw/gateway-client/browser';
import { describe, expect, it } from 'vitest';

import { fail } from '../contract/errors.ts';
import { FakeClock, settle } from '../platform/testing/fake-clock.ts';
import { nullLogger } from '../platform/testing/null-logger.ts';
import { GatewayClient } from './gateway-client.ts';
import type { GatewaySession } from './gateway-session.ts';

const hello = { version: '1', protocol: 4, startedAtMs: 0, presence: [] };

function scriptedSession(answer: () => Promise<unknown> = async () => ({ ok: true })) {
  const lost = Promise.withResolvers<unknown>();
  const session: GatewaySession = {
    hello,
    lost: lost.promise,
    request: answer,
    giveUp: () => lost.resolve(fail('gateway/silent', { url: 'ws://x' })),
    close: async () => lost.resolve(undefined),
  };
  return { session, cut: () => lost.resolve(fail('gateway/closed', { url: 'ws://x', closeCode: 1006 })) };
}

type Opener = (onEvent: (event: string, payload: unknown) => void) => Promise<GatewaySession>;

function createClient(open: Opener) {
  const clock = new FakeClock(1_000);
  const client = new GatewayClient({
    open: (_signal, onEvent) => open(onEvent),
    clock,
    log: nullLogger,
    random: () => 0.5,
    onChange: () => {},
  });
  return { client, clock };
}

describe('a gateway that is given another secret', () => {
  function connected(next: () => Promise<GatewaySession>) {
    const first = scriptedSession();
    const shown: string[] = [];
    let opened = 0;
    const clock = new FakeClock(1_000);
    const client: GatewayClient = new GatewayClient({
      open: () => ((opened += 1) === 1 ? Promise.resolve(first.session) : next()),
      clock,
      log: nullLogger,
      random: () => 0.5,
      onChange: () => shown.push(client.state.status),
    });
    const begin = async (): Promise<void> => {
      client.start();
      await settle();
      shown.splice(0);
    };
    return { client, clock, first, shown, begin, opened: () => opened };
  }

  it('is connected to again at once, and nothing is shown as lost', async () => {
    const { client, clock, first, shown, begin, opened } = connected(async () => scriptedSession().session);
    await begin();
    client.renew();
    first.cut();
    await clock.advance(1);
    expect([opened(), new Set(shown)]).toEqual([2, new Set(['open'])]);
    expect(client.samples.every(({ ms }) => ms !== undefined)).toBe(true);
    await client.stop();
    expect(clock.pendingTimers).toBe(0);
  });

  it('is shown as lost after 5 s without it, and tried ever less often', async () => {
    const refused = async () => Promise.reject(fail('gateway/closed', { url: 'ws://x', closeCode: 1006 }));
    const { client, clock, first, begin, opened } = connected(refused);
    await begin();
    client.renew();
    first.cut();
    await clock.advance(4_999);
    expect(client.state.status).toBe('open');
    await clock.advance(1);
    expect(client.state.status).toBe('waiting');
    expect(opened()).toBeLessThan(8);
    await client.stop();
    expect(clock.pendingTimers).toBe(0);
  });

  it('shows at once what only a person can mend', async () => {
    const { client, clock, first, begin } = connected(async () =>
      Promise.reject(fail('gateway/token-mismatch', { gateway: 'Studio' })),
    );
    await begin();
    client.renew();
    first.cut();
    await clock.advance(1);
    expect(client.state).toMatchObject({ status: 'failed', cause: { code: 'gateway/token-mismatch' } });
    expect(clock.pendingTimers).toBe(0);
  });

  it('goes on as it is where the session stays', async () => {
    const { client, clock, begin, opened } = connected(async () => scriptedSession().session);
    await begin();
    client.renew();
    await clock.advance(20_000);
    expect([client.state.status, opened()]).toEqual(['open', 1]);
    await client.stop();
  });
});

describe('the client of a gateway', () => {
  it('measures a round trip at once and every 10 s', async () => {
    let calls = 0;
    const { session } = scriptedSession(async () => (calls += 1));
    const { client, clock } = createClient(async () => session);
    client.start();
    await clock.advance(20_000);
    expect(calls).toBe(3);
    expect(client.samples.map(({ atMs }) => atMs)).toEqual([1_000, 11_000, 21_000]);
    expect(client.facts).toEqual(hello);
  });

  it('gives up a gateway that misses two answers, and connects anew', async () => {
    let opened = 0;
    const { client, clock } = createClient(async () => {
      opened += 1;
      return scriptedSession(() => Promise.reject(new Error('timeout'))).session;
    });
    client.start();
    await clock.advance(1);
    expect(client.state).toMatchObject({ status: 'waiting', cause: { code: 'gateway/silent' } });
    await clock.advance(1_000);
    expect(opened).toBeGreaterThan(1);
    expect(client.samples.every(({ ms }) => ms === undefined)).toBe(true);
  });

  it('stays with a gateway that refuses to tell how it is', async () => {
    const refusal = new GatewayProtocolRequestError({
      code: 'INVALID_REQUEST',
      message: 'missing scope: operator.read',
    });
    const { client, clock } = createClient(async () => scriptedSession(() => Promise.reject(refusal)).session);
    client.start();
    await clock.advance(30_000);
    expect(client.state.status).toBe('open');
    expect(client.samples.every(({ ms }) => ms !== undefined)).toBe(true);
    await client.stop();
  });

  it('follows who is connected', async () => {
    let tell: (event: string, payload: unknown) => void = () => {};
    const { client } = createClient(async (onEvent) => {
      tell = onEvent;
      return scriptedSession().session;
    });
    client.start();
    await settle();
    tell('presence', { presence: [{ host: 'laptop' }] });
    expect(client.facts?.presence).toMatchObject([{ label: 'laptop' }]);
  });

  it('waits a lockout out to its end instead of adding to it', async () => {
    let attempts = 0;
    const { client, clock } = createClient(async () => {
      attempts += 1;
      throw fail('gateway/rate-limited', { gateway: 'Studio', retryAtMs: 61_000 });
    });
    client.start();
    await clock.advance(60_500);
    expect(attempts).toBe(1);
    expect(client.state).toMatchObject({ status: 'waiting', retryAtMs: 62_000 });
  });

  it('stops at a refused token after one try, and leaves nothing pending when stopped', async () => {
    let attempts = 0;
    const { client, clock } = createClient(async () => {
      attempts += 1;
      throw fail('gateway/token-mismatch', { gateway: 'Studio' });
    });
    client.start();
    await clock.advance(600_000);
    expect(attempts).toBe(1);
    await client.stop();
    expect(clock.pendingTimers).toBe(0);
  });

  it('leaves no poll armed when it is stopped while connected', async () => {
    const { client, clock } = createClient(async () => scriptedSession().session);
    client.start();
    await settle();
    await client.stop();
    expect(client.state.status).toBe('stopped');
    expect(clock.pendingTimers).toBe(0);
  });
});
