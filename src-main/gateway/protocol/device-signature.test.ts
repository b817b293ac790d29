import { createHash, generateKeyPairSync, sign } from 'node:crypto';

import { expect, it } from 'vitest';

import { connectParams } from '../testing/gateway-harness.ts';
import { deviceProblem, payloadOf } from './device-signature.ts';
import { ConnectParams } from './frames.ts';

const NOW_MS = 1_000_000;
const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const raw = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32);

function signed(version: 'v2' | 'v3', change: Record<string, unknown> = {}) {
  const device = {
    id: createHash('sha256').update(raw).digest('hex'),
    publicKey: raw.toString('base64url'),
    signature: '',
    signedAt: NOW_MS,
    nonce: 'n',
    ...change,
  };
  const params = ConnectParams.parse({ ...connectParams, device });
  const signature = sign(undefined, Buffer.from(payloadOf(params, version)), privateKey).toString('base64url');
  return ConnectParams.parse({ ...connectParams, device: { ...device, signature } });
}

it.each(['v2', 'v3'] as const)('accepts a signature of format %s', (version) => {
  expect(deviceProblem(signed(version), 'n', NOW_MS)).toBeUndefined();
});

it.each([
  ['another nonce', signed('v3'), 'other', NOW_MS, 'device-nonce-mismatch'],
  ['no nonce', signed('v3', { nonce: undefined }), 'n', NOW_MS, 'device-nonce-missing'],
  ['a clock that is 3 minutes off', signed('v3'), 'n', NOW_MS + 180_000, 'device-signature-stale'],
  ['the id of another key', signed('v3', { id: 'ab' }), 'n', NOW_MS, 'device-id-mismatch'],
  ['other scopes than were signed', { ...signed('v3'), scopes: ['operator.admin'] }, 'n', NOW_MS, 'device-signature'],
])('refuses %s', (_name, params, nonce, nowMs, expected) => {
  expect(deviceProblem(params, nonce, nowMs)).toBe(expected);
});

it.each([120_000, -120_000])('bears a clock that is %d ms off, and not one more', (offMs) => {
  expect(deviceProblem(signed('v3'), 'n', NOW_MS + offMs)).toBeUndefined();
  expect(deviceProblem(signed('v3'), 'n', NOW_MS + offMs + Math.sign(offMs))).toBe('device-signature-stale');
});
