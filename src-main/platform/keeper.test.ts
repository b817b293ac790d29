import { describe, expect, it } from 'vitest';

import { fail, type ErrorInfo } from '../contract/errors.ts';
import { Keeper, reduceKeeper, type Kept, type KeeperEvent, type KeeperState } from './keeper.ts';
import { FakeClock, settle } from './testing/fake-clock.ts';
import { nullLogger } from './testing/null-logger.ts';

const lost = (): Error => fail('ssh/connection-lost', { host: 'studio' });
const refused = (): Error => fail('gateway/token-mismatch', { gateway: 'Studio' });
const passing: ErrorInfo = { code: 'ssh/connection-lost', params: { host: 'studio' } };

function cuttable(): Kept & { cut: (reason: Error) => void; closed: boolean } {
  const { promise, resolve } = Promise.withResolvers<unknown>();
  const kept = { lost: promise, cut: resolve, closed: false, close: async () => void (kept.closed = true) };
  return kept;
}

function keep(open: (signal: AbortSignal) => Promise<Kept>) {
  const clock = new FakeClock(1_000);
  const seen: string[] = [];
  const keeper = new Keeper<Kept>({
    name: 'test',
    open,
    policy: (_cause, { attempt }) => Math.min(4_000, 1_000 * 2 ** Math.max(0, attempt - 1)),
    clock,
    log: nullLogger,
    onChange: ({ status }) => seen.at(-1) === status || seen.push(status),
  });
  return { keeper, clock, seen };
}

describe('a keeper', () => {
  it('waits 1 s, 2 s, 4 s and 4 s again while nothing answers', async () => {
    const openedAtMs: number[] = [];
    const { keeper, clock } = keep(async () => {
      openedAtMs.push(clock.now() - 1_000);
      throw lost();
    });
    keeper.start();
    await clock.advance(11_000);
    expect(openedAtMs).toEqual([0, 1_000, 3_000, 7_000, 11_000]);
  });

  it('stops at a fault that only a person can mend, with no timer left', async () => {
    const { keeper, clock } = keep(() => Promise.reject(refused()));
    keeper.start();
    await clock.advance(60_000);
    expect(keeper.state).toMatchObject({ status: 'failed', cause: { code: 'gateway/token-mismatch' } });
    expect(clock.pendingTimers).toBe(0);
  });

  it('tries at once when asked while it waits', async () => {
    let attempts = 0;
    const { keeper, clock } = keep(async () => {
      attempts += 1;
      throw lost();
    });
    keeper.start();
    await settle();
    keeper.start();
    await settle();
    expect(attempts).toBe(2);
    expect(clock.pendingTimers).toBe(1);
  });

  it('counts afresh after a session that had worked', async () => {
    const first = cuttable();
    const { keeper } = keep(async () => first);
    keeper.start();
    await settle();
    first.cut(lost());
    await settle();
    expect(keeper.state).toMatchObject({ status: 'waiting', attempt: 0, sinceMs: 1_000, retryAtMs: 2_000 });
  });

  it('starts again when the wish changes while it is still closing', async () => {
    const { keeper, seen } = keep(async () => cuttable());
    keeper.start();
    await settle();
    const closing = keeper.stop();
    keeper.start();
    await closing;
    await settle();
    expect(seen).toEqual(['opening', 'open', 'closing', 'opening', 'open']);
  });

  it('closes a session that opens after it was stopped, and resolves only then', async () => {
    const late = cuttable();
    const { promise, resolve } = Promise.withResolvers<Kept>();
    const { keeper, seen } = keep(() => promise);
    keeper.start();
    const stopping = keeper.stop();
    resolve(late);
    await stopping;
    expect(late.closed).toBe(true);
    expect(seen).toEqual(['opening', 'closing', 'stopped']);
  });
});

it('arms at most one retry and has nothing pending when stopped, for any order of events', () => {
  const events: KeeperEvent<string>[] = [
    { type: 'start-requested', atMs: 1 },
    { type: 'stop-requested' },
    { type: 'retry-due' },
    { type: 'opened', session: 's', atMs: 2 },
    { type: 'lost', cause: passing, atMs: 3 },
    { type: 'closed', atMs: 4 },
  ];
  const walk = (state: KeeperState<string>, armed: number, depth: number): void => {
    expect(armed).toBe(state.status === 'waiting' ? 1 : 0);
    if (depth === 0) return;
    for (const event of events) {
      const next = reduceKeeper(state, event, () => 10);
      const fired = event.type === 'retry-due' && state.status === 'waiting' ? -1 : 0;
      const change = next.effects.map(({ type }) => (type === 'arm-retry' ? 1 : type === 'disarm-retry' ? -1 : 0));
      walk(
        next.state,
        change.reduce<number>((sum, n) => sum + n, armed + fired),
        depth - 1,
      );
    }
  };
  walk({ status: 'stopped' }, 0, 5);
});
