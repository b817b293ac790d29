import { expect, it } from 'vitest';

import { parseText } from './parse-text.ts';

it.each([
  ['JSON', '{"a":1}'],
  ['comments, plain keys and commas at the end', '// x\n{ a: 1, /* y */ }'],
  ['a byte order mark', '\uFEFF{"a":1}'],
])('reads %s', (_name, text) => {
  expect(parseText(text)).toEqual({ status: 'readable', raw: { a: 1 } });
});

it.each([
  ['', 1, 'the file ends too early'],
  ['{\n a: 1,\n b: [', 3, 'the file ends too early'],
  ['{\n a: 1\n b: 2 }', 3, "the character 'b' does not belong there"],
  ['{\n a: "x\n" }', 2, 'the line ends too early'],
  ['{\r\n a: "x\r\n" }', 2, 'the line ends too early'],
  ['{ a "b" }', 1, "the character '\"' does not belong there"],
  ['[]', 1, 'the file should hold one object: { … }'],
  [`${'{ a: '.repeat(101)}1${' }'.repeat(101)}`, 1, 'it is nested more than 100 levels deep'],
  [`{ a: ${'['.repeat(50_000)}${']'.repeat(50_000)} }`, 1, 'it is nested more than 100 levels deep'],
  ['null', 1, 'the file should hold one object: { … }'],
  [`{ a: "${'x'.repeat(1024 * 1024)}" }`, 1, 'the file is larger than 1 MiB'],
])('tells where %j is wrong', (text, line, problem) => {
  expect(parseText(text)).toEqual({ status: 'unreadable', line, problem });
});

it('never tells more of the text than one character', () => {
  expect(JSON.stringify(parseText('{ token: hunter2 }'))).not.toContain('unter');
});

it('takes __proto__ for a key like any other', () => {
  const parsed = parseText('{ "__proto__": { "port": 1 } }');
  expect(parsed.status === 'readable' && 'port' in parsed.raw).toBe(false);
});
