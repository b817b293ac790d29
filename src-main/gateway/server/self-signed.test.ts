import { createPrivateKey, X509Certificate } from 'node:crypto';

import { describe, expect, it } from 'vitest';

import { createSelfSigned } from './self-signed.ts';

const NOW = Date.UTC(2026, 0, 15, 12);

describe('a certificate that vouches for itself', () => {
  it('is for the names and addresses it was made for, and for no other', async () => {
    const { cert, key } = await createSelfSigned(
      ['studio', 'studio.local', '127.0.0.1', '::1', 'fd7a:115c:a1e0::5'],
      NOW,
    );
    const made = new X509Certificate(cert);
    expect(made.checkPrivateKey(createPrivateKey(key))).toBe(true);
    expect(made.verify(made.publicKey)).toBe(true);
    expect(made.checkHost('studio.local')).toBe('studio.local');
    expect(made.checkHost('attic')).toBeUndefined();
    for (const address of ['127.0.0.1', '::1', 'fd7a:115c:a1e0::5']) expect(made.checkIP(address)).toBe(address);
    expect(made.checkIP('127.0.0.2')).toBeUndefined();
    expect(made.ca).toBe(false);
  });

  it('is valid from the day before for ten years', async () => {
    const made = new X509Certificate((await createSelfSigned(['studio'], NOW)).cert);
    expect(made.validFromDate).toEqual(new Date(Date.UTC(2026, 0, 14, 12)));
    expect(made.validToDate).toEqual(new Date(Date.UTC(2036, 0, 13, 12)));
  });

  it('is another one each time', async () => {
    const [one, other] = await Promise.all([createSelfSigned(['studio'], NOW), createSelfSigned(['studio'], NOW)]);
    const certificates = [one, other].map(({ cert }) => new X509Certificate(cert));
    expect(new Set(certificates.map(({ serialNumber }) => serialNumber)).size).toBe(2);
    expect(one.key).not.toBe(other.key);
  });
});
