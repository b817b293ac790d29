import { expect, it } from 'vitest';

import { Announcer } from './announcer.ts';

function scripted(first = 'connected') {
  const said: string[] = [];
  const time = { nowMs: 100_000, task: undefined as { atMs: number; run: () => void } | undefined };
  const announcer = new Announcer(
    {
      now: () => time.nowMs,
      after: (delayMs, run) => {
        time.task = { atMs: time.nowMs + delayMs, run };
        return () => (time.task = undefined);
      },
      say: (text) => said.push(text),
    },
    first,
  );
  const pass = (ms: number): void => {
    time.nowMs += ms;
    const due = time.task;
    if (due === undefined || due.atMs > time.nowMs) return;
    time.task = undefined;
    due.run();
  };
  return { announcer, said, time, pass };
}

it('does not announce what was there from the start', () => {
  const { announcer, said } = scripted();
  announcer.announce('connected');
  expect(said).toEqual([]);
});

it('says the first change at once and the latest of the next 5 s after them', () => {
  const { announcer, said, pass } = scripted();
  for (const text of ['waiting', 'connecting', 'failed']) announcer.announce(text);
  expect(said).toEqual(['waiting']);
  pass(4_999);
  expect(said).toHaveLength(1);
  pass(1);
  expect(said).toEqual(['waiting', 'failed']);
});

it('keeps quiet about what changed back meanwhile, and leaves no timer', () => {
  const { announcer, said, time, pass } = scripted();
  for (const text of ['waiting', 'connecting', 'waiting']) announcer.announce(text);
  pass(5_000);
  expect(said).toEqual(['waiting']);
  announcer.announce('failed');
  announcer.announce('off');
  announcer.close();
  expect(time.task).toBeUndefined();
});
