import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import type { Logger } from '../../platform/ports.ts';
import { FakeClock } from '../../platform/testing/fake-clock.ts';
import { nullLogger } from '../../platform/testing/null-logger.ts';
import { createSelfSigned } from './self-signed.ts';
import { ServedCertificate } from './served-certificate.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gangway-cert-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it('goes on with what it has when the renewed pair has a fault, and tells that once', async () => {
  const options = { certFile: join(folder, 'cert.pem'), keyFile: join(folder, 'key.pem'), autoGenerate: true };
  const clock = new FakeClock(Date.now());
  const warn = vi.fn<Logger['warn']>();
  const served = await ServedCertificate.open(options, { clock, log: { ...nullLogger, warn }, names: ['studio'] });
  const { fingerprint } = served;
  const renewed: unknown[] = [];
  served.onRenewed((pair) => renewed.push(pair));

  const next = await createSelfSigned(['studio'], clock.now());
  writeFileSync(options.certFile, next.cert);
  await clock.advance(30_000);
  await expect.poll(() => warn.mock.calls.length).toBe(1);
  expect([served.fingerprint, renewed]).toEqual([fingerprint, []]);
  await expect.poll(() => clock.pendingTimers).toBe(1);
  await clock.advance(30_000);
  await expect.poll(() => clock.pendingTimers).toBe(1);

  writeFileSync(options.keyFile, next.key);
  await clock.advance(30_000);
  await expect.poll(() => renewed).toEqual([next]);
  expect(served.fingerprint).not.toBe(fingerprint);
  expect(warn).toHaveBeenCalledOnce();
  await expect.poll(() => clock.pendingTimers).toBe(1);
  served.close();
  expect(clock.pendingTimers).toBe(0);
});
