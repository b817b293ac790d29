import type { Clock } from '../platform/ports.ts';

/** Runs `task` again and again, `everyMs` after it last ended. The returned function ends that, also during a run. */
export function repeat(clock: Clock, everyMs: number, task: () => Promise<void>): () => void {
  let isStopped = false;
  let cancel = () => {};
  const arm = () => {
    cancel = clock.after(everyMs, () => {
      void task().finally(() => {
        if (!isStopped) arm();
      });
    });
  };
  arm();
  return () => {
    isStopped = true;
    cancel();
  };
}
