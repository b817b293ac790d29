import { describe, expect, it } from 'vitest';

import { isSameLogin, readLogin } from './tailscale-login.ts';

describe('a login', () => {
  it.each([
    ['ann@example.com', 'ann@example.com'],
    ['=?utf-8?q?j=C3=BCrgen=40example.com?=', 'jürgen@example.com'],
    ['=?UTF-8?Q?a_b?=', 'a b'],
    // Go begins another word after 75 characters, and never within a letter.
    ['=?utf-8?q?j=C3=BC?= =?utf-8?q?rgen?=', 'jürgen'],
    ['ann=?x', 'ann=?x'],
  ])('%s is %s', (value, login) => expect(readLogin([value])).toBe(login));

  it.each([
    [undefined],
    [[]],
    [['']],
    [[' ann@example.com']],
    [['ann@example.com', 'ann@example.com']],
    [['j\u00fcrgen@example.com']],
    [['=?utf-8?q?']],
    [['=?utf-8?q??=']],
    [['=?utf-8?q?ann?= more']],
    [['=?utf-8?q?ann?=  =?utf-8?q?bob?=']],
    [['=?utf-8?q?a b?=']],
    [['=?utf-8?q?a=4?=']],
    [['=?utf-8?q?a=ZZ?=']],
    [['=?utf-8?q?=FF?=']],
    [['=?utf-8?b?YW5u?=']],
    [['=?iso-8859-1?q?ann?=']],
  ])('is none in %j', (values) => expect(readLogin(values)).toBeUndefined());

  it('is the same in large letters, but not in letters of another alphabet', () => {
    expect(isSameLogin('Ann@Example.com', 'ann@example.COM')).toBe(true);
    expect(isSameLogin('\u212Aim@example.com', 'kim@example.com')).toBe(false);
    expect(isSameLogin('ann@example.com', 'ann@example.co')).toBe(false);
  });
});
