import { describe, expect, it } from 'vitest';

import { askedFor, canBeKept, fieldsOf, wrongText, type SignInQuestion } from './question.ts';

const asked = { id: 'q', askedAtMs: 0, host: 'studio', user: 'ann', attempt: 1, wrong: false } as const;
const passphrase: SignInQuestion = { ...asked, kind: 'passphrase', file: '/a/id', key: 'id', fingerprint: undefined };
const password: SignInQuestion = { ...asked, kind: 'password' };
const prompts = (...texts: readonly string[]): SignInQuestion => ({
  ...asked,
  kind: 'prompts',
  title: '',
  instruction: '',
  prompts: texts.map((text) => ({ text, echo: false })),
  expiresAtMs: 1,
});

describe('a question', () => {
  it.each([
    [passphrase, 'the passphrase of id', ['Passphrase'], true],
    [password, 'the password of ann@studio', ['Password'], true],
    [prompts('Verification code: '), '“Verification code” to sign in', ['Verification code'], false],
    [prompts('Card:', 'PIN:'), '2 answers to sign in', ['Card', 'PIN'], false],
  ])(
    '%# is said in a few words, has its fields, and may be kept only where it stays right',
    (question, words, labels, kept) => {
      expect(askedFor(question)).toBe(words);
      expect(fieldsOf(question).map(({ text }) => text)).toEqual(labels);
      expect(canBeKept(question)).toBe(kept);
    },
  );

  it('says that the last answer was wrong only when it was', () => {
    expect(wrongText(passphrase)).toBeUndefined();
    expect(wrongText({ ...passphrase, wrong: true })).toBe('That is not its passphrase.');
    expect(wrongText({ ...password, wrong: true })).toBe('It was refused.');
  });
});
