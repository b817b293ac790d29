import { expect, it } from 'vitest';

import type { TestReport, TestStepResult } from '../contract/connection-test.ts';
import { fail, toErrorInfo } from '../contract/errors.ts';
import type { GatewayId } from '../contract/snapshot.ts';
import { FakeClock } from '../platform/testing/fake-clock.ts';
import { TestRuns, type PreparedTest } from './test-runs.ts';

const of = { id: 'g-studio' as GatewayId };
const dns: TestStepResult = { step: 'dns', status: 'ok', ms: 1, found: 'found' };

/** Tests that take one step and then wait until they are cancelled or told to end. */
function setUp() {
  const clock = new FakeClock();
  const ended = Promise.withResolvers<void>();
  const prepared: PreparedTest = {
    plan: ['dns', 'tcp'],
    go: async (onStep, signal) => {
      onStep(dns);
      const aborted = new Promise<void>((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
      });
      await Promise.race([ended.promise, aborted]);
    },
  };
  const told: TestReport[] = [];
  const runs = new TestRuns({ prepare: async () => prepared, clock });
  const unsubscribe = runs.onProgress((report) => told.push(report));
  return { clock, runs, told, unsubscribe, end: () => ended.resolve() };
}

it('tells every step as a whole report, and answers with the last', async () => {
  const { runs, told, clock, end } = setUp();
  const answer = runs.handlers['test.run']({ run: 'run-0001', of });
  end();
  expect(await answer).toEqual({ run: 'run-0001', status: 'done', plan: ['dns', 'tcp'], results: [dns] });
  expect(told.map(({ status, results }) => [status, results.length])).toEqual([
    ['running', 0],
    ['running', 1],
    ['done', 1],
  ]);
  expect(clock.pendingTimers).toBe(0);
});

it('ends early when it is cancelled, and nobody minds a second time', async () => {
  const { runs, told, clock } = setUp();
  const answer = runs.handlers['test.run']({ run: 'run-0001', of });
  await runs.handlers['test.cancel']({ run: 'run-0001' });
  expect(await answer).toMatchObject({ status: 'cancelled' });
  await runs.handlers['test.cancel']({ run: 'run-0001' });
  expect([told.at(-1)?.status, clock.pendingTimers]).toEqual(['cancelled', 0]);
});

it('ends by itself when its window is gone', async () => {
  const { runs, clock } = setUp();
  const answer = runs.handlers['test.run']({ run: 'run-0001', of });
  await clock.advance(90_000);
  expect(await answer).toMatchObject({ status: 'cancelled' });
});

it('refuses a fifth at once, and the same one twice', async () => {
  const { runs } = setUp();
  const started = [1, 2, 3].map((n) => runs.handlers['test.run']({ run: `run-000${n}`, of }));
  const refused = { code: 'app/input-invalid' };
  expect(await runs.handlers['test.run']({ run: 'run-0001', of }).catch(toErrorInfo)).toMatchObject(refused);
  started.push(runs.handlers['test.run']({ run: 'run-0004', of }));
  expect(await runs.handlers['test.run']({ run: 'run-0005', of }).catch(toErrorInfo)).toMatchObject(refused);
  runs.stop();
  expect((await Promise.all(started)).map(({ status }) => status)).toEqual(Array(4).fill('cancelled'));
  expect(await runs.handlers['test.run']({ run: 'run-0006', of }).catch(toErrorInfo)).toMatchObject(refused);
});

it('says why a test cannot begin, and is free for the next', async () => {
  const clock = new FakeClock();
  const runs = new TestRuns({
    prepare: async () => {
      throw fail('gateway/unknown', { name: 'x' });
    },
    clock,
  });
  for (let n = 0; n < 6; n += 1) {
    const answer = await runs.handlers['test.run']({ run: 'run-0001', of }).catch(toErrorInfo);
    expect(answer).toMatchObject({ code: 'gateway/unknown' });
  }
  expect(clock.pendingTimers).toBe(0);
});

it('tells nobody who has stopped listening', async () => {
  const { runs, told, unsubscribe, end } = setUp();
  unsubscribe();
  end();
  await runs.handlers['test.run']({ run: 'run-0001', of });
  expect(told).toEqual([]);
});
