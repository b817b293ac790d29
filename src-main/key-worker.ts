import { parentPort, workerData } from 'node:worker_threads';

import type { KeyWorkerData } from './ssh/key-opener.ts';
import { openPrivateKey } from './ssh/private-key.ts';

// A thread of its own for one key: see `createKeyOpener`.
const { text, passphrase } = workerData as KeyWorkerData;
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
parentPort?.postMessage(openPrivateKey(text, passphrase));
