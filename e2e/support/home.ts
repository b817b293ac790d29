import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A GANGWAY_HOME for one test, empty and of mode 0700. */
export interface TemporaryHome {
  readonly path: string;
  /** Removes it with everything in it. May be called twice. */
  remove(): Promise<void>;
}

export async function createHome(): Promise<TemporaryHome> {
  // Short: the name of a Unix socket below it must fit into a hundred bytes.
  const path = await mkdtemp(join(tmpdir(), 'gw-'));
  return {
    path,
    remove: () => rm(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }),
  };
}
