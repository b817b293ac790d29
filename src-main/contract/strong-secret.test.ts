import { expect, it } from 'vitest';

import { isStrongSecret } from './strong-secret.ts';

it.each([
  'correct horse battery staple',
  'Kx9-vT3-pQ7-mN2-zz',
  'пароль-которого-никто-не-знает',
  'hunter2 lives at number 42',
])('takes %s', (secret) => expect(isStrongSecret(secret)).toBe(true));

it.each([
  '',
  'short',
  'aaaaaaaaaaaaaaaaaaaa',
  '1212121212121212',
  '1234567890123456',
  '6543210987654321',
  'abcdefghijklmnop',
  '0123456789abcdef',
  'qwertyuiopasdfghjkl',
  'passwordpassword',
  'Password-Password-1',
  'ChangeMeChangeMe!',
  'your-password-here',
  'replace-with-your-token',
])('does not take %s', (secret) => expect(isStrongSecret(secret)).toBe(false));
