import type { Clock, Logger, ProgramFinder } from '../platform/ports.ts';
import { isServed } from './serve-config.ts';
import type { TailscaleClient } from './tailscale-client.ts';

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
/** The daemon closes a route in milliseconds after its program. */
const CLEARED_LOOKS = 30;

/** Ends what a crash has left open, and waits for the daemon to notice: its port would be called taken otherwise. */
export async function clearLeftover(
  claim: ClaimSigns,
  { client, leftover }: { readonly client: Pick<TailscaleClient, 'serveConfig'>; readonly leftover: LeftoverDeps },
): Promise<void> {
  if ((await endLeftover(claim, leftover)) !== 'ended') return;
  for (let look = 0; look < CLEARED_LOOKS; look += 1) {
    const config = await client.serveConfig().catch(() => undefined);
    if (config === undefined || !isServed(config, claim.target)) return;
    await new Promise<void>((resolve) => void leftover.clock.after(LOOK_MS, resolve));
  }
}

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
