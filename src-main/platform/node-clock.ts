import type { Clock } from './ports.ts';

/** The longest delay `setTimeout` keeps; anything above fires at once. */
const MAX_DELAY_MS = 2 ** 31 - 1;

/**
 * The time of this computer. Timers are real and keep the process alive until they fire or are
 * cancelled: whoever arms one owns it. Delays beyond 24 days are kept by waiting in parts.
 */
export const nodeClock: Clock = {
  now: () => Date.now(),
  after(delayMs, task) {
    const endMs = Date.now() + delayMs;
    let timer = setTimeout(due, Math.min(delayMs, MAX_DELAY_MS));
    function due(): void {
      const leftMs = delayMs > MAX_DELAY_MS ? endMs - Date.now() : 0;
      if (leftMs > 0) timer = setTimeout(due, Math.min(leftMs, MAX_DELAY_MS));
      else task();
    }
    return () => clearTimeout(timer);
  },
};
