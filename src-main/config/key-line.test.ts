import { expect, it } from 'vitest';

import { keyLine, lineAt } from './key-line.ts';

const TEXT = `// gateway: { port: 1 }
{
  /* "local": {
     "port": 2 } */
  local: { port: 3, "attach" : true },
  'gateways': [
    { "name": "a } ] , \\" {", kind: 'ssh' }, {
      "name": "it's", // "kind": 0
      url: "http://x/*not a comment*/",
      kind:
        'direct',
    },
    [1, [2,
      3], ],
    "last",
  ],
  "sp\\u0061ce key": { a: -.5e3, b: +Infinity },
  twice: { a: 1,
    b: 1 },
  twice: {
    b: 2 },
}
`;

it.each<[readonly (string | number)[], number]>([
  [[], 1],
  [['local'], 5],
  [['local', 'port'], 5],
  [['local', 'attach'], 5],
  [['local', 'none'], 5],
  [['none'], 1],
  [['gateways'], 6],
  [['gateways', 0], 7],
  [['gateways', 0, 'kind'], 7],
  [['gateways', 1], 7],
  [['gateways', 1, 'name'], 8],
  [['gateways', 1, 'url'], 9],
  [['gateways', 1, 'kind'], 10],
  [['gateways', 2], 13],
  [['gateways', 2, 1, 0], 13],
  [['gateways', 2, 1, 1], 14],
  [['gateways', 3], 15],
  [['gateways', 9], 6],
  [['space key'], 17],
  [['space key', 'b'], 17],
  [['twice', 'b'], 21],
  [['twice', 'a'], 20],
])('finds %j on line %i', (path, line) => {
  expect(keyLine(TEXT, path)).toBe(line);
});

it.each([
  ['nothing', ''],
  ['a byte order mark', '\uFEFF{ a: 1 }'],
  ['a value alone', '"a"'],
  ['a list', '["a", "a"]'],
  ['text without an end', '{ "a'],
  ['a comment without an end', '/* a'],
  ['too many ends', ']}]}, a: 1'],
  ['slashes', '{ a: /b/ }'],
])('stays on line 1 for %s', (_name, text) => {
  expect(keyLine(text, ['a'])).toBe(1);
});

it.each(['\n', '\r\n', '\r'])('counts lines that end in %j', (end) => {
  expect(keyLine(['{', '// x', 'a: 1', '}'].join(end), ['a'])).toBe(3);
});

it('tells the line of an offset', () => {
  expect([0, 1, 2, 3].map((offset) => lineAt('a\nb', offset))).toEqual([1, 1, 2, 2]);
});

it('takes time in proportion to a deeply nested text', () => {
  const startedMs = performance.now();
  expect(keyLine('['.repeat(200_000), [0, 0, 0])).toBe(1);
  expect(performance.now() - startedMs).toBeLessThan(2_000);
});
