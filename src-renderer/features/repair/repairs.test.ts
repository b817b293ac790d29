import { expect, it } from 'vitest';

import type { ErrorInfo } from '../../../src-main/contract/errors.ts';
import { mayTryNow, repairsFor } from './repairs.ts';

const holder = { pid: 4127, program: 'node' };
const key = { host: 'studio', keyType: 'ssh-ed25519', fingerprint: 'SHA256:x' };

const CASES: readonly (readonly [ErrorInfo, readonly string[]])[] = [
  [{ code: 'ssh/host-key-unknown', params: key }, ['Compare the fingerprint']],
  [
    { code: 'ssh/host-key-changed', params: { ...key, knownFingerprint: 'SHA256:y', file: 'known_hosts', line: 1 } },
    ['Compare the keys'],
  ],
  [{ code: 'gateway/token-missing', params: { gateway: 'Studio' } }, ['Enter the token']],
  [{ code: 'ssh/no-credentials', params: { host: 'studio', agent: 'empty' } }, ['Choose another key']],
  [
    { code: 'gateway/port-taken', params: { port: 1, holder, suggestedPort: 19_389 } },
    ['Move to port 19389', 'Another port'],
  ],
  [{ code: 'gateway/port-taken', params: { port: 1, holder, suggestedPort: undefined } }, ['Another port']],
  [
    { code: 'gateway/port-taken-by-gateway', params: { port: 1, holder, version: '1', suggestedPort: 19_389 } },
    ['Attach', 'Move to port 19389', 'Another port'],
  ],
  [
    { code: 'ssh/option-unsupported', params: { host: 'studio', option: 'ProxyCommand', instead: '' } },
    ["Use the system's ssh for this gateway"],
  ],
  [{ code: 'gateway/insecure-url', params: { url: 'ws://10.0.0.4', isPublic: false } }, ['Trust that network']],
  [{ code: 'gateway/insecure-url', params: { url: 'ws://203.0.113.7', isPublic: true } }, []],
  [{ code: 'gateway/silent', params: { url: 'ws://x' } }, []],
  [{ code: 'app/unexpected', params: { summary: 'Error' } }, []],
];

it.each(CASES)('%j is fixed with %j', (cause, labels) => {
  expect(repairsFor(cause).map(({ label }) => label)).toEqual(labels);
});

it('never offers to add to a lockout', () => {
  expect(mayTryNow({ code: 'gateway/rate-limited', params: { gateway: 'Studio', retryAtMs: 1 } })).toBe(false);
  expect(mayTryNow({ code: 'gateway/silent', params: { url: 'ws://x' } })).toBe(true);
});

it.each<[ErrorInfo, readonly string[]]>([
  [{ code: 'gateway/token-missing', params: { gateway: 'Studio' } }, ['Get the token over SSH', 'Enter the token']],
  [{ code: 'gateway/token-mismatch', params: { gateway: 'Studio' } }, ['Get the token over SSH', 'Enter the token']],
  [{ code: 'gateway/pairing-required', params: { gateway: 'Studio', requestId: 'r-1' } }, ['Approve over SSH']],
  [{ code: 'gateway/pairing-required', params: { gateway: 'Studio', requestId: undefined } }, []],
])('%j behind SSH is fixed with %j', (cause, labels) => {
  expect(repairsFor(cause, 'ssh').map(({ label }) => label)).toEqual(labels);
  expect(repairsFor(cause, 'direct').map(({ label }) => label)).toEqual(labels.filter((label) => !/SSH/.test(label)));
});
