import { expect, it } from 'vitest';

import { PromptLoop, type Way } from './prompt-loop.ts';

/** A loop whose every turn takes 10 µs. */
function loop() {
  let turns = 0;
  let due: (() => void) | undefined;
  const prompt = new PromptLoop({ now: () => turns / 100, lookFirst: (task) => (due = task), linger: () => {} });
  return {
    /** Returns for how many turns the loop was kept awake since the piece before. */
    piece: (afterMs: number, way: Way, bytes = 64): number => {
      let awake = 0;
      for (const end = turns + afterMs * 100; turns < end;) {
        turns += 1;
        const task = due;
        due = undefined;
        task?.();
        if (due) awake += 1;
      }
      prompt.carried(way, bytes);
      return awake;
    },
  };
}

it('stays awake from the second prompt answer on', () => {
  const { piece } = loop();
  const awake = [piece(5, 'up'), piece(0.3, 'down'), piece(0.1, 'up'), piece(0.15, 'down'), piece(0.1, 'up')];
  expect(awake).toEqual([0, 0, 0, 15, 10]);
});

it('sleeps again after a fifth of a millisecond, and for good where no prompt answer came', () => {
  const { piece } = loop();
  for (let trip = 0; trip < 3; trip += 1) for (const way of ['up', 'down'] as const) piece(0.1, way);
  expect(piece(5, 'up')).toBe(19);
  piece(5, 'down');
  expect([piece(5, 'up'), piece(5, 'down'), piece(5, 'up')]).toEqual([0, 0, 0]);
});

it('waits for a program here that answers at once, and not for a server that is far away', () => {
  const { piece } = loop();
  for (let trip = 0; trip < 3; trip += 1) {
    piece(20, 'down');
    piece(0.1, 'up');
  }
  expect(piece(20, 'down')).toBe(0);
  expect(piece(0.1, 'up')).toBe(10);
});

it('sleeps through a stream that nobody answers', () => {
  const { piece } = loop();
  const awake = Array.from({ length: 10 }, () => piece(2, 'down'));
  expect(awake).toEqual(Array.from({ length: 10 }, () => 0));
});

it('takes no part in bulk data', () => {
  const { piece } = loop();
  const awake = Array.from({ length: 10 }, () => piece(0.05, 'down', 32_768));
  expect(awake).toEqual(Array.from({ length: 10 }, () => 0));
});
