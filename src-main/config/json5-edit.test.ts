import JSON5 from 'json5';
import { describe, expect, it } from 'vitest';

import { editJson5, type Change } from './json5-edit.ts';

const TEXT = `// who may come in
{
  gateway: {
    port: 19000, // behind the proxy
    bind: 'loopback',
    /* kept */ auth: { mode: "token", token: 'abc' },
  },
  // of another program
  plugins: { entries: [1, 2,], },
}
`;

describe('a change of a text', () => {
  it.each<[string, Change, string]>([
    ['replaces a value alone', { path: ['gateway', 'port'], value: 1 }, TEXT.replace('19000', '1')],
    ['replaces a list', { path: ['plugins', 'entries'], value: [3] }, TEXT.replace('[1, 2,]', '[\n    3,\n  ]')],
    [
      'adds behind the last key, with its indentation',
      { path: ['gateway', 'trustedProxies'], value: [] },
      TEXT.replace("token: 'abc' },\n", "token: 'abc' },\n    trustedProxies: [],\n"),
    ],
    [
      'adds to one line on that line',
      { path: ['gateway', 'auth', 'allowTailscale'], value: true },
      TEXT.replace("token: 'abc' }", "token: 'abc', allowTailscale: true }"),
    ],
    [
      'adds what lies deeper with all around it',
      { path: ['gateway', 'controlUi', 'enabled'], value: false },
      TEXT.replace("token: 'abc' },\n", "token: 'abc' },\n    controlUi: {\n      enabled: false,\n    },\n"),
    ],
    [
      'takes a whole line out',
      { path: ['gateway', 'bind'], value: undefined },
      TEXT.replace("    bind: 'loopback',\n", ''),
    ],
    [
      'takes out of a line',
      { path: ['gateway', 'auth', 'mode'], value: undefined },
      TEXT.replace('mode: "token",', ''),
    ],
    [
      'takes the last of a line out with the comma before it',
      { path: ['gateway', 'auth', 'token'], value: undefined },
      TEXT.replace(`"token", token: 'abc'`, `"token" `),
    ],
    ['leaves alone what is not there', { path: ['models', 'x'], value: undefined }, TEXT],
  ])('%s', (_name, change, expected) => {
    const edited = editJson5(TEXT, [change]);
    expect(edited).toBe(expected);
    expect(() => JSON5.parse(edited)).not.toThrow();
  });

  it.each<[string, string, Change, string]>([
    ['{}', 'an empty object', { path: ['a'], value: 1 }, '{\n  a: 1,\n}'],
    ['{ // nothing yet\n}', 'a remark alone', { path: ['a'], value: 1 }, '{\n  a: 1, // nothing yet\n}'],
    ['{"a":1}', 'JSON', { path: ['b', 'c'], value: 'x' }, '{"a":1, "b": {\n  "c": "x"\n}}'],
    ['{\n  "a": 1\n}\n', 'JSON in lines', { path: ['b'], value: 2 }, '{\n  "a": 1,\n  "b": 2\n}\n'],
    ['{\n  "a": 1,\n  "b": 2\n}\n', 'the last of JSON', { path: ['b'], value: undefined }, '{\n  "a": 1\n}\n'],
    ['{\n  a: 1 // one\n}', 'a remark at the end', { path: ['b'], value: 2 }, '{\n  a: 1, // one\n  b: 2\n}'],
    ['{a:1,a:2}', 'a key twice', { path: ['a'], value: 3 }, '{a:1,a:3}'],
    ['{a:5}', 'a value in the place of an object', { path: ['a', 'b'], value: 1 }, '{a:{\n  b: 1,\n}}'],
    ['{a:{}}', 'a key with a hyphen', { path: ['a', 'b-c'], value: 1 }, '{a:{\n  "b-c": 1,\n}}'],
  ])('%j, %s', (text, _name, change, expected) => {
    const edited = editJson5(text, [change]);
    expect(edited).toBe(expected);
    expect(() => JSON5.parse(edited)).not.toThrow();
  });
});

it('gives what was meant for every order of changes (seeded)', () => {
  let seed = 7;
  const random = (below: number): number => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((seed / 2_147_483_648) * below);
  };
  const keys = ['a', 'b', 'c-d', '"quoted"', '__proto__'];
  const values = [1, 'text // no remark', true, [], [1, { x: 1 }], {}, { deep: { er: 'x' } }];
  for (let round = 0; round < 300; round += 1) {
    let text = ['{}', '{ // r\n}', '{"a":1}', TEXT][random(4)] ?? '{}';
    let expected = JSON5.parse<Record<string, unknown>>(text);
    for (let step = 0; step < 6; step += 1) {
      const path = Array.from({ length: 1 + random(3) }, () => keys[random(keys.length)] ?? 'a');
      const value = random(4) === 0 ? undefined : values[random(values.length)];
      text = editJson5(text, [{ path, value }]);
      expected = applied(expected, path, value);
      expect(JSON5.parse(text)).toEqual(expected);
    }
  }
});

function applied(
  object: Record<string, unknown>,
  [key = '', ...rest]: readonly string[],
  value: unknown,
): Record<string, unknown> {
  const own = Object.hasOwn(object, key) ? object[key] : undefined;
  const inner =
    typeof own === 'object' && own !== null && !Array.isArray(own) ? (own as Record<string, unknown>) : undefined;
  const others = Object.entries(object).filter(([name]) => name !== key);
  const build = (next: unknown): Record<string, unknown> => Object.fromEntries([...others, [key, next]]);
  if (rest.length === 0) return value === undefined ? Object.fromEntries(others) : build(value);
  if (value === undefined) return inner === undefined ? object : build(applied(inner, rest, value));
  return build(applied(inner ?? {}, rest, value));
}
