import { expect, it } from 'vitest';

import { TickingClock } from './ticking-clock.ts';

function scripted() {
  const page = { visible: true, changed: new Set<() => void>() };
  const time = { nowMs: 1_000, tasks: new Set<() => void>() };
  const clock = new TickingClock({
    now: () => time.nowMs,
    every: (_periodMs, task) => {
      time.tasks.add(task);
      return () => time.tasks.delete(task);
    },
    page: {
      isVisible: () => page.visible,
      onChange: (listener) => {
        page.changed.add(listener);
        return () => page.changed.delete(listener);
      },
    },
  });
  const show = (visible: boolean): void => {
    page.visible = visible;
    page.changed.forEach((listener) => listener());
  };
  return { clock, page, time, show };
}

it('ticks only while somebody looks', () => {
  const { clock, time, show } = scripted();
  expect(time.tasks.size).toBe(0);
  const leave = clock.subscribe(() => {});
  expect(time.tasks.size).toBe(1);
  show(false);
  expect(time.tasks.size).toBe(0);
  show(true);
  expect(time.tasks.size).toBe(1);
  leave();
  expect(time.tasks.size).toBe(0);
});

it('is right at once when the page is shown again, and leaves nothing behind', () => {
  const { clock, page, time, show } = scripted();
  const leave = clock.subscribe(() => {});
  show(false);
  time.nowMs = 90_000;
  expect(clock.read()).toBe(1_000);
  show(true);
  expect(clock.read()).toBe(90_000);
  leave();
  expect(page.changed.size).toBe(0);
});
