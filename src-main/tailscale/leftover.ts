import type { Clock, Logger, ProgramFinder } from '../platform/ports.ts';

export interface LeftoverDeps {
  readonly finder: ProgramFinder;
  readonly clock: Clock;
  readonly log: Logger;
  readonly kill: (pid: number, signal: 'SIGTERM' | 'SIGKILL') => void;
}

/** What is noted of a claim before there is one, and is enough to find it. */
export interface ClaimSigns {
  /** Where its program works, and no other. */
  readonly folder: string;
  /** Where the route leads, the last of its words. */
  readonly target: string;
}

/** It has nothing to tidy up: the daemon closes the route with it. */
const GRACE_MS = 2_000;
const LOOK_MS = 100;

/**
 * Ends the program that held a route of ours when we were killed, should its guard have been killed as well, and whether or
 * not it had got ready by then. Resolves when it is gone: `ended`, or `none` where there was none; `stays` when it does not
 * even obey the system.
 */
export async function endLeftover(
  { folder, target }: ClaimSigns,
  { finder, clock, log, kill }: LeftoverDeps,
): Promise<'none' | 'ended' | 'stays'> {
  const find = (): Promise<readonly number[]> => finder.find({ folder, lastWord: target });
  let left = await find();
  if (left.length === 0) return 'none';
  log.warn('a route was left over from a crash, and is closed', { pids: left, target });
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    for (const pid of left) tryTo(() => kill(pid, signal));
    for (let passedMs = 0; passedMs < GRACE_MS; passedMs += LOOK_MS) {
      left = await find();
      if (left.length === 0) return 'ended';
      await new Promise<void>((resolve) => void clock.after(LOOK_MS, resolve));
    }
  }
  log.error('the program of a route that was left over cannot be ended', { pids: left, target });
  return 'stays';
}

/** It may have ended in this very moment. */
function tryTo(act: () => void): void {
  try {
    act();
  } catch {
    // Whether it is gone is looked at next.
  }
}
