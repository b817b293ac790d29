import { expect, it } from 'vitest';

import type { ErrorCode } from '../contract/errors.ts';
import { stepOfFailure, type SshStep } from './connection-test.ts';

it.each<[ErrorCode, SshStep]>([
  ['ssh/target-invalid', 'dns'],
  ['ssh/config-unreadable', 'dns'],
  ['ssh/option-unsupported', 'dns'],
  ['ssh/host-unknown', 'dns'],
  ['ssh/host-unreachable', 'tcp'],
  ['ssh/handshake-failed', 'host-key'],
  ['ssh/known-hosts-unreadable', 'host-key'],
  ['ssh/host-key-unknown', 'host-key'],
  ['ssh/host-key-changed', 'host-key'],
  ['ssh/host-key-revoked', 'host-key'],
  ['ssh/no-credentials', 'authentication'],
  ['ssh/identity-unreadable', 'authentication'],
  ['ssh/auth-rejected', 'authentication'],
  ['ssh/forward-refused', 'forward'],
  ['ssh/forward-prohibited', 'forward'],
  ['ssh/connection-lost', 'forward'],
])('a dial that ends with %s failed at the step %s', (code, step) => {
  expect(stepOfFailure(code)).toBe(step);
});
