import type { Clock } from './ports.ts';

/** How often everybody on the pulse is called. */
export const PULSE_MS = 500;

interface Pulse {
  readonly tasks: Set<() => void>;
  stop: () => void;
}

const pulses = new WeakMap<Clock, Pulse>();

/**
 * Calls `task` every `PULSE_MS`, the first time within that. One timer serves all tasks of a clock: with a timer each, every
 * one of them would wake an idle processor by itself. The returned function ends it and may be called twice, also by a task.
 */
export function onPulse(clock: Clock, task: () => void): () => void {
  const pulse = pulses.get(clock) ?? { tasks: new Set(), stop: () => {} };
  pulses.set(clock, pulse);
  const { tasks } = pulse;
  const own = (): void => task();
  tasks.add(own);
  if (tasks.size === 1) beat(clock, pulse);
  return () => {
    if (tasks.delete(own) && tasks.size === 0) pulse.stop();
  };
}

function beat(clock: Clock, pulse: Pulse): void {
  pulse.stop = clock.after(PULSE_MS, () => {
    beat(clock, pulse);
    const due = [...pulse.tasks];
    for (const task of due) if (pulse.tasks.has(task)) task();
  });
}
