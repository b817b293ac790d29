import type { Clock } from './ports.ts';

/** A wake is noticed so much later at most: the timers go on where they stood. */
const TICK_MS = 500;
const LATE_MS = 2_000;

/**
 * Calls `onWake` with the milliseconds that the wall clock ran ahead of the timers: they stand still while the computer
 * sleeps. The returned function ends the watch.
 */
export function watchForWake(clock: Clock, onWake: (sleptMs: number) => void): () => void {
  let stop = () => {};
  const tick = () => {
    const dueMs = clock.now() + TICK_MS;
    stop = clock.after(TICK_MS, () => {
      const lateMs = clock.now() - dueMs;
      tick();
      if (lateMs > LATE_MS) onWake(lateMs);
    });
  };
  tick();
  return () => stop();
}
