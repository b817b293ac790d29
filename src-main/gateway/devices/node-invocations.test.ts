import { expect, it } from 'vitest';

import { FakeClock } from '../../platform/testing/fake-clock.ts';
import { NodeInvocations, type Invocation } from './node-invocations.ts';
import type { NodeLine } from './node-registry.ts';

const MIB = 1024 * 1024;

/** A node that answers each command at once, with as much as it is told. */
function invoker(clock: FakeClock) {
  const invocations = new NodeInvocations(clock);
  const invocation = (idempotencyKey: string): Invocation => {
    return { nodeId: 'node', command: 'browser.proxy', params: undefined, timeoutMs: 1_000, idempotencyKey };
  };
  return {
    isKnown: (key: string) => invocations.again(invocation(key)) !== undefined,
    run: async (key: string, chars: number) => {
      const line: NodeLine = {
        id: 'line',
        isOpen: true,
        close: () => {},
        sendBare: (_event, request) => {
          const { id } = request as { readonly id: string };
          invocations.answered(id, 'node', { status: 'done', payload: undefined, payloadJSON: 'x'.repeat(chars) });
        },
      };
      await invocations.send(line, invocation(key));
    },
  };
}

it('forgets the oldest answers when those it keeps are large, and no others', async () => {
  const { run, isKnown } = invoker(new FakeClock());
  await run('small', 10);
  for (const key of ['a', 'b', 'c']) await run(key, 12 * MIB);
  expect(['small', 'a', 'b', 'c'].map((key) => isKnown(key))).toEqual([false, false, true, true]);
  await run('later', 10);
  expect(['b', 'c', 'later'].map((key) => isKnown(key))).toEqual([true, true, true]);
});

it('keeps the largest answer that a frame can hold', async () => {
  const { run, isKnown } = invoker(new FakeClock());
  await run('whole', 25 * MIB);
  expect(isKnown('whole')).toBe(true);
});

it('keeps no answer for longer than somebody may ask again', async () => {
  const clock = new FakeClock();
  const { run, isKnown } = invoker(clock);
  await run('old', 30 * MIB);
  await clock.advance(600_000);
  expect(isKnown('old')).toBe(false);
  await run('a', 12 * MIB);
  await run('b', 12 * MIB);
  expect(['a', 'b'].map((key) => isKnown(key))).toEqual([true, true]);
});
