import { describe, expect, it } from 'vitest';

import { asksForPassword } from './server-prompts.ts';

const one = (prompt: string, echo = false) => asksForPassword([{ prompt, echo }]);

describe('the password of the account', () => {
  it.each([
    'Password: ',
    'password:',
    "ann's password: ",
    '(ann@studio) Password: ',
    'Password for ann@studio:',
    'Passwort: ',
  ])('is what “%s” asks for', (prompt) => expect(one(prompt)).toBe(true));

  it.each([
    'Verification code: ',
    'One-time password (OATH) for `ann’: ',
    'One-time password: ',
    'Password & verification code: ',
    'New password: ',
    'Current Password: ',
    'Passcode or option (1-3): ',
    'Enter passphrase: ',
    '',
  ])('is not what “%s” asks for', (prompt) => expect(one(prompt)).toBe(false));

  it('is never asked for in the open, nor with something else', () => {
    expect(one('Password: ', true)).toBe(false);
    expect(asksForPassword([])).toBe(false);
    expect(asksForPassword([{ prompt: 'Password: ' }, { prompt: 'Code: ' }])).toBe(false);
  });
});
