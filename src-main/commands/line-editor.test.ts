import { describe, expect, it } from 'vitest';

import { LineEditor } from './line-editor.ts';

function type(...pieces: readonly string[]) {
  let shown = '';
  const editor = new LineEditor((text) => (shown += text));
  const fed = pieces.map((piece) => editor.feed(piece));
  return { ...fed.at(-1), shown };
}

const done = (text: string) => ({ status: 'done', text });

describe('a line typed on a raw terminal', () => {
  it.each([
    ['is what was typed before Enter', ['abc', '\r'], done('abc')],
    ['may hold any character', ['pä🔑 $\'"\\', '\n'], done('pä🔑 $\'"\\')],
    ['may be empty', ['\r'], done('')],
    ['takes back whole characters', ['a🔑\u007F\b\bx', '\r'], done('x')],
    ['can be begun anew', ['abc\u0015de', '\r'], done('de')],
    ['knows nothing of arrow and function keys', ['a\u001B[D\u001BOP\u001B[15~b\t', '\r'], done('ab')],
    ['is open until then', ['abc'], { status: 'open' }],
    ['is given up by Ctrl+C', ['abc', '\u0003'], { status: 'given-up' }],
    ['is given up by Ctrl+D when it is empty', ['\u0004'], { status: 'given-up' }],
    ['is not given up by Ctrl+D otherwise', ['a', '\u0004', '\r'], done('a')],
  ])('%s', (_what, pieces, line) => {
    expect(type(...pieces).line).toEqual(line);
  });

  it('leaves what was pasted behind it', () => {
    expect(type('one\r\ntwo\r')).toMatchObject({ line: done('one'), rest: 'two\r' });
  });

  it('shows what is typed, and that it was taken back', () => {
    expect(type('ab\u007F').shown).toBe('ab\b \b');
    expect(type('ab\u0015').shown).toBe('ab\b \b\b \b');
  });
});
