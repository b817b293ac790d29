import type { Clock } from './ports.ts';
import { onPulse, PULSE_MS } from './pulse.ts';

const LATE_MS = 2_000;

/**
 * Calls `onWake` with the milliseconds that the wall clock ran ahead of the timers: they stand still while the computer
 * sleeps, and go on where they stood, so that a wake is noticed half a second later at most. The returned function ends the
 * watch.
 */
export function watchForWake(clock: Clock, onWake: (sleptMs: number) => void): () => void {
  let seenMs = clock.now();
  return onPulse(clock, () => {
    const lateMs = clock.now() - seenMs - PULSE_MS;
    seenMs = clock.now();
    if (lateMs > LATE_MS) onWake(lateMs);
  });
}
