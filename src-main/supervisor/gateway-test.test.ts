import { expect, it } from 'vitest';

import type { ErrorCode } from '../contract/errors.ts';
import { stepOfRefusal } from './gateway-test.ts';

it.each<[ErrorCode, ReturnType<typeof stepOfRefusal>]>([
  ['gateway/unreachable', 'protocol'],
  ['gateway/silent', 'protocol'],
  ['gateway/not-a-gateway', 'protocol'],
  ['gateway/starting', 'protocol'],
  ['gateway/closed', 'protocol'],
  ['gateway/protocol-mismatch', 'protocol'],
  ['gateway/refused', 'protocol'],
  ['gateway/token-missing', 'token'],
  ['gateway/token-mismatch', 'token'],
  ['gateway/rate-limited', 'token'],
  ['gateway/pairing-required', 'pairing'],
])('a sign-in that ends with %s failed at the step %s', (code, step) => {
  expect(stepOfRefusal(code)).toBe(step);
});
