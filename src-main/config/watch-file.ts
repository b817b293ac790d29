import { watch } from 'node:fs';
import { basename, dirname } from 'node:path';

import type { Clock, Logger } from '../platform/ports.ts';

/** Editors write in several steps; what they have at the end of them counts. */
const SETTLE_MS = 100;

export interface WatchDeps {
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * Calls `onChange` when a file may have changed, appeared or gone, once per burst. The folder is watched, since
 * programs replace files as a whole. The returned function ends the watch.
 */
export function watchFile(file: string, onChange: () => void, { clock, log }: WatchDeps): () => void {
  let disarm = (): void => {};
  const settle = (name: string | null): void => {
    if (name !== null && name !== basename(file)) return;
    disarm();
    disarm = clock.after(SETTLE_MS, onChange);
  };
  try {
    const watcher = watch(dirname(file), { persistent: false }, (_event, name) => settle(name));
    watcher.on('error', (error) => log.warn('a file is no longer watched', { file, error }));
    return () => {
      disarm();
      watcher.close();
    };
  } catch (error) {
    log.warn('a file cannot be watched; changes count from the next start', { file, error });
    return () => undefined;
  }
}
