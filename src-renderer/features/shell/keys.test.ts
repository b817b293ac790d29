import { expect, it } from 'vitest';

import { keyName, shortcutOf } from './keys.ts';

const press = (key: string, held: Partial<Record<'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey', boolean>> = {}) => ({
  key,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  shiftKey: false,
  ...held,
});

it.each([
  ['Ctrl+1', press('1', { ctrlKey: true }), false, { type: 'use', index: 0 }],
  ['Ctrl+9', press('9', { ctrlKey: true }), false, { type: 'use', index: 8 }],
  ['Ctrl+R', press('r', { ctrlKey: true }), false, { type: 'try-now' }],
  ['⌘R', press('r', { metaKey: true }), true, { type: 'try-now' }],
  ['Ctrl+R on a Mac', press('r', { ctrlKey: true }), true, undefined],
  ['Ctrl+0', press('0', { ctrlKey: true }), false, undefined],
  ['Ctrl+Shift+R', press('R', { ctrlKey: true, shiftKey: true }), false, undefined],
  ['Ctrl+Alt+1', press('1', { ctrlKey: true, altKey: true }), false, undefined],
  ['a bare 1', press('1'), false, undefined],
])('%s means what it says', (_name, key, apple, expected) => expect(shortcutOf(key, apple)).toEqual(expected));

it('is written as the computer writes it', () => {
  expect([keyName('1', true), keyName('1', false)]).toEqual(['⌘1', 'Ctrl+1']);
});
