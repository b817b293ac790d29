import { Worker } from 'node:worker_threads';

import type { Clock } from '../platform/ports.ts';
import type { OpenedKey } from './private-key.ts';

/** Decrypts private keys. Never rejects. */
export interface KeyOpener {
  open(text: string, passphrase: string): Promise<OpenedKey>;
}

/** What the thread is given. */
export interface KeyWorkerData {
  readonly text: string;
  readonly passphrase: string;
}

/** `ssh-keygen -a 1000` takes half a minute; a file that asks for more is not meant to be opened. */
const LIMIT_MS = 120_000;

const SLOW: OpenedKey = { status: 'unusable', problem: 'it takes too long to decrypt' };
const BROKEN: OpenedKey = { status: 'unusable', problem: 'it could not be decrypted' };

/**
 * Opens each key in a thread of its own, which ends with it: 16 rounds of bcrypt would hold this one up for 0.3 s,
 * 100 rounds for 3 s (measured), while every tunnel and window waits. `workerFile` is the built `key-worker.js`.
 */
export function createKeyOpener(workerFile: string, clock: Clock): KeyOpener {
  return {
    open: async (text, passphrase) => {
      const workerData: KeyWorkerData = { text, passphrase };
      const worker = new Worker(workerFile, { workerData, env: {} });
      const { promise, resolve } = Promise.withResolvers<OpenedKey>();
      const stopTimer = clock.after(LIMIT_MS, () => resolve(SLOW));
      worker.once('message', (opened: OpenedKey) => resolve(opened));
      worker.once('error', () => resolve(BROKEN));
      worker.once('exit', () => resolve(BROKEN));
      const opened = await promise;
      stopTimer();
      await worker.terminate();
      return opened;
    },
  };
}
