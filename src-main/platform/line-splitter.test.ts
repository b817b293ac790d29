import { expect, it } from 'vitest';

import { LineSplitter } from './line-splitter.ts';

function linesOf(...chunks: readonly (string | Buffer)[]): readonly string[] {
  const lines: string[] = [];
  const splitter = new LineSplitter((line) => lines.push(line));
  for (const chunk of chunks) splitter.write(Buffer.from(chunk));
  splitter.end();
  return lines;
}

it.each([
  ['whole lines', ['a\nb\n'], ['a', 'b']],
  ['a line in parts', ['a', 'b', 'c\nd\n'], ['abc', 'd']],
  ['a last line without an end', ['a\nb'], ['a', 'b']],
  ['Windows line ends, also when cut in two', ['a\r', '\nb\r\n'], ['a', 'b']],
  ['empty lines', ['\n\na\n'], ['', '', 'a']],
  ['nothing', [], []],
])('splits %s', (_name, chunks, lines) => {
  expect(linesOf(...chunks)).toEqual(lines);
});

it('keeps a character whole that arrives in two chunks', () => {
  const bytes = Buffer.from('ä\n');
  expect(linesOf(bytes.subarray(0, 1), bytes.subarray(1))).toEqual(['ä']);
});

it('gives a line without end in pieces, so that it cannot fill the memory', () => {
  expect(linesOf('x'.repeat(40_000)).map((line) => line.length)).toEqual([16_384, 16_384, 7_232]);
});
