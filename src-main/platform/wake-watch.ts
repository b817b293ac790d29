import type { Clock } from './ports.ts';

const TICK_MS = 2_000;
const LATE_MS = 2_000;

/**
 * Calls `onWake` when the wall clock ran ahead of the timers: they stand still while the computer sleeps. The
 * returned function ends the watch.
 */
export function watchForWake(clock: Clock, onWake: () => void): () => void {
  let stop = () => {};
  const tick = () => {
    const dueMs = clock.now() + TICK_MS;
    stop = clock.after(TICK_MS, () => {
      const isLate = clock.now() - dueMs > LATE_MS;
      tick();
      if (isLate) onWake();
    });
  };
  tick();
  return () => stop();
}
