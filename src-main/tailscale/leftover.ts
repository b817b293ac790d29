import type { Logger, ProgramRunner } from '../platform/ports.ts';

export interface LeftoverDeps {
  readonly runner: ProgramRunner;
  readonly log: Logger;
  readonly platform: NodeJS.Platform;
  readonly kill: (pid: number, signal: 'SIGTERM' | 'SIGKILL') => void;
}

const LIMIT_MS = 5_000;

/**
 * Ends the program that held a route of ours when we were killed, should its guard have been killed as well. It is known by
 * its number and by the target in its words, which nobody else would use. On Windows the system has ended it with us.
 */
export async function endLeftover(
  { pid, target }: { readonly pid: number; readonly target: string },
  { runner, log, platform, kill }: LeftoverDeps,
): Promise<void> {
  if (platform === 'win32') return;
  const isOurs = async (): Promise<boolean> => {
    const asked = await runner
      .run('ps', ['-o', 'args=', '-p', String(pid)], { timeoutMs: LIMIT_MS })
      .catch(() => undefined);
    return asked?.exitCode === 0 && asked.stdout.includes('--bg=false') && asked.stdout.trim().endsWith(target);
  };
  if (!(await isOurs())) return;
  log.warn('a route was left over from a crash, and is closed', { pid, target });
  kill(pid, 'SIGTERM');
  // It has nothing to tidy up: the daemon closes the route with it.
  if (await isOurs()) kill(pid, 'SIGKILL');
}
