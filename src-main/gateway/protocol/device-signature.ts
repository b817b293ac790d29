import { createHash, createPublicKey, verify } from 'node:crypto';

import type { ConnectParams } from './frames.ts';

export type DeviceProblem =
  | 'device-id-mismatch'
  | 'device-nonce-missing'
  | 'device-nonce-mismatch'
  | 'device-signature-stale'
  | 'device-signature';

/** Allowed difference between the clocks of client and gateway, as measured at the real one. */
const MAX_SKEW_MS = 120_000;
/** SubjectPublicKeyInfo of an Ed25519 key up to its 32 raw bytes (RFC 8410). */
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');

/**
 * Checks the device identity of a connect request: two payload formats are in use, v3 by node hosts and v2 by pages.
 * Returns what is wrong, or `undefined`.
 */
export function deviceProblem(params: ConnectParams, nonce: string, nowMs: number): DeviceProblem | undefined {
  const { device } = params;
  if (device === undefined) return undefined;
  const key = Buffer.from(device.publicKey, 'base64url');
  const id = createHash('sha256').update(key).digest('hex');
  if (key.length !== 32 || id !== device.id) return 'device-id-mismatch';
  if (device.nonce === undefined) return 'device-nonce-missing';
  if (device.nonce !== nonce) return 'device-nonce-mismatch';
  if (Math.abs(nowMs - device.signedAt) > MAX_SKEW_MS) return 'device-signature-stale';
  const publicKey = createPublicKey({ key: Buffer.concat([SPKI_PREFIX, key]), format: 'der', type: 'spki' });
  const signature = Buffer.from(device.signature, 'base64url');
  const isSigned = (payload: string): boolean => verify(undefined, Buffer.from(payload), publicKey, signature);
  return isSigned(payloadOf(params, 'v3')) || isSigned(payloadOf(params, 'v2')) ? undefined : 'device-signature';
}

/** The fields that are signed, joined by `|`. */
export function payloadOf({ device, client, role, scopes, auth }: ConnectParams, version: 'v2' | 'v3'): string {
  const token = auth?.token ?? auth?.deviceToken ?? '';
  const common = [
    version,
    device?.id,
    client.id,
    client.mode,
    role,
    scopes.join(','),
    device?.signedAt,
    token,
    device?.nonce,
  ];
  const metadata = [client.platform, client.deviceFamily ?? ''].map((text) => text.trim().toLowerCase());
  return (version === 'v3' ? [...common, ...metadata] : common).join('|');
}
