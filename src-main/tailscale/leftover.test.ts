import { expect, it } from 'vitest';

import { FakeClock } from '../platform/testing/fake-clock.ts';
import { nullLogger } from '../platform/testing/null-logger.ts';
import { endLeftover } from './leftover.ts';

const SIGNS = { folder: '/tmp/gangway-Ab12Cd', target: 'http://127.0.0.1:40001' };

/** A program that ends so long after the signal that it obeys; its number is another's afterwards. */
function program(obeys: 'SIGTERM' | 'SIGKILL' | 'nothing', afterMs = 0) {
  const clock = new FakeClock();
  const signals: string[] = [];
  let isThere = true;
  const deps = {
    clock,
    log: nullLogger,
    finder: { find: async () => (isThere ? [7] : []) },
    kill: (pid: number, signal: 'SIGTERM' | 'SIGKILL') => {
      if (!isThere) throw new Error('ESRCH');
      signals.push(`${signal} ${pid}`);
      if (signal === obeys) clock.after(afterMs, () => (isThere = false));
    },
  };
  const run = async () => {
    const ending = endLeftover(SIGNS, deps);
    for (let step = 0; step < 50; step += 1) await clock.advance(100);
    const outcome = await Promise.race([ending, Promise.resolve('goes on after 5 s')]);
    return { outcome, signals, timers: clock.pendingTimers };
  };
  return { run, deps };
}

it('asks, and waits until it is gone', async () => {
  expect(await program('SIGTERM', 1_500).run()).toMatchObject({ outcome: 'ended', signals: ['SIGTERM 7'], timers: 0 });
});

it('insists when it does not obey', async () => {
  const { outcome, signals } = await program('SIGKILL').run();
  expect([outcome, signals]).toEqual(['ended', ['SIGTERM 7', 'SIGKILL 7']]);
});

it('says so when not even the system ends it, in a bounded time', async () => {
  const { outcome, signals } = await program('nothing').run();
  expect([outcome, signals]).toEqual(['stays', ['SIGTERM 7', 'SIGKILL 7']]);
});

it('touches nobody when it is not there', async () => {
  const { deps } = program('SIGTERM');
  const signals: string[] = [];
  const gone = { ...deps, finder: { find: async () => [] }, kill: () => void signals.push('any') };
  expect([await endLeftover(SIGNS, gone), signals]).toEqual(['none', []]);
});
