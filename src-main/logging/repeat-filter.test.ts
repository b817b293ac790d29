import { expect, it } from 'vitest';

import { createRepeatFilter } from './repeat-filter.ts';

function setUp() {
  const passed: string[] = [];
  const time = { nowMs: 0 };
  const filter = createRepeatFilter(
    (text) => passed.push(text),
    () => time.nowMs,
  );
  const write = (text: string, times: number): void => {
    for (let count = 0; count < times; count += 1) filter.write(text);
  };
  return { passed, time, filter, write };
}

it('passes different lines as they come', () => {
  const { passed, write } = setUp();
  write('a', 1);
  write('b', 1);
  expect(passed).toEqual(['a', 'b']);
});

it('passes the first five of a minute, and tells the rest with the next line after it', () => {
  const { passed, time, write } = setUp();
  write('a', 8);
  time.nowMs = 60_000;
  write('b', 1);
  expect(passed).toEqual(['a', 'a', 'a', 'a', 'a', 'repeated 3 times: a', 'b']);
});

it('counts lines that take turns', () => {
  const { passed, filter, write } = setUp();
  for (let round = 0; round < 100; round += 1) {
    write('a', 1);
    write('b', 1);
  }
  filter.flush();
  expect(passed.slice(10)).toEqual(['repeated 95 times: a', 'repeated 95 times: b']);
});

it('takes lines for the same that differ in their time only', () => {
  const { passed, filter } = setUp();
  for (let ms = 100; ms < 110; ms += 1) filter.write(`{"time":"2026-11-22T10:00:00.${ms}Z"}`);
  filter.flush();
  expect(passed.at(-1)).toBe('{"note":"repeated 5 times","time":"2026-11-22T10:00:00.109Z"}');
});

it('passes a line that comes now and then every time', () => {
  const { passed, time, write } = setUp();
  for (let minute = 0; minute < 10; minute += 1) {
    time.nowMs = minute * 60_000;
    write('a', 1);
  }
  expect(passed).toHaveLength(10);
});

it('goes on when the clock is set back', () => {
  const { passed, time, write } = setUp();
  time.nowMs = 1_000_000;
  write('a', 6);
  time.nowMs = 0;
  write('a', 1);
  expect(passed.slice(5)).toEqual(['repeated 1 times: a', 'a']);
});

it('remembers a limited number of lines', () => {
  const { passed, write } = setUp();
  write('a', 6);
  for (let line = 0; line < 200; line += 1) write(`line ${line}`, 1);
  expect(passed).toContain('repeated 1 times: a');
});
