import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { afterAll, beforeAll, expect, it } from 'vitest';

import { FakeClock } from '../platform/testing/fake-clock.ts';
import { createKeyOpener } from './key-opener.ts';
import { parseKey, type OpenedKey } from './private-key.ts';
import { generateKey } from './testing/private-sshd.ts';
import { realClock } from './testing/real-ports.ts';

const WORKER = fileURLToPath(new URL('../key-worker.ts', import.meta.url));

let dir: string;
let slow: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'gangway-slow-'));
  generateKey(join(dir, 'slow'), '-N', 'secret', '-a', '100');
  slow = readFileSync(join(dir, 'slow'), 'utf8');
});
afterAll(() => rmSync(dir, { recursive: true }));

it('opens a key of 100 rounds while this thread goes on', async () => {
  const opening = createKeyOpener(WORKER, realClock).open(slow, 'secret');
  let turns = 0;
  let opened: OpenedKey | undefined;
  while (opened === undefined) {
    turns += 1;
    opened = await Promise.race([opening, nextTurn(undefined)]);
  }
  expect(opened.status === 'open' && parseKey(opened.pem)?.isPrivateKey()).toBe(true);
  // Opened here it is one single turn; a thread of its own leaves room for thousands.
  expect(turns).toBeGreaterThan(100);
}, 60_000);

it('ends the thread of a key that takes too long', async () => {
  const clock = new FakeClock();
  const opening = createKeyOpener(WORKER, clock).open(slow, 'secret');
  await clock.advance(120_000);
  expect(await opening).toEqual({ status: 'unusable', problem: 'it takes too long to decrypt' });
});

it('says that a key could not be decrypted where its thread cannot be started', async () => {
  const opening = createKeyOpener(join(dir, 'nothing.js'), realClock).open(slow, 'secret');
  expect(await opening).toEqual({ status: 'unusable', problem: 'it could not be decrypted' });
});
