import { expect, it } from 'vitest';

import { parseWithIds } from './parse-with-ids.ts';

it('keeps every digit of an id, and other numbers as numbers', () => {
  const text = '{"Self":{"UserID":9007199254740993,"NodeID":7},"UserProfile":{"ID":12345678901234567890},"n":1.5}';
  expect(parseWithIds(text)).toEqual({
    Self: { UserID: '9007199254740993', NodeID: 7 },
    UserProfile: { ID: '12345678901234567890' },
    n: 1.5,
  });
});

it('leaves a map of users by their ids as it is', () => {
  expect(parseWithIds('{"User":{"9007199254740993":{"ID":9007199254740993,"LoginName":"ann"}}}')).toEqual({
    User: { '9007199254740993': { ID: '9007199254740993', LoginName: 'ann' } },
  });
});
