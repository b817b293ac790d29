import { monitorEventLoopDelay, performance, type EventLoopUtilization } from 'node:perf_hooks';

/** How busy the process was, in the shape the protocol publishes. */
export interface EventLoopReading {
  readonly degraded: boolean;
  readonly reasons: readonly ('event_loop_delay' | 'event_loop_utilization' | 'cpu')[];
  /** The time this reading covers. */
  readonly intervalMs: number;
  readonly delayP99Ms: number;
  readonly delayMaxMs: number;
  /** 0 to 1. */
  readonly utilization: number;
  /** Processor time per wall time; 1 is one core. */
  readonly cpuCoreRatio: number;
}

const SLOW_LOOP_MS = 500;
const BUSY_LOOP = 0.95;
const BUSY_CPU = 0.95;
/** The histogram counts from its own timer, which fires this often; only what is above is delay. */
const RESOLUTION_MS = 20;
/** Shorter spans say more about the question than about the process. */
const MIN_INTERVAL_MS = 1_000;

/** Measures the event loop of this process between two readings. The caller stops it. */
export class EventLoopMeter {
  readonly #histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  #utilization: EventLoopUtilization = performance.eventLoopUtilization();
  #cpu: NodeJS.CpuUsage = process.cpuUsage();
  #sinceMs: number = performance.now();
  #last: EventLoopReading | undefined;

  constructor() {
    this.#histogram.enable();
  }

  read(): EventLoopReading {
    const intervalMs = performance.now() - this.#sinceMs;
    if (this.#last !== undefined && intervalMs < MIN_INTERVAL_MS) return this.#last;
    const { utilization } = performance.eventLoopUtilization(this.#utilization);
    const { user, system } = process.cpuUsage(this.#cpu);
    const cpuCoreRatio = (user + system) / 1_000 / Math.max(1, intervalMs);
    const delayP99Ms = delayOf(this.#histogram.percentile(99));
    const delayMaxMs = delayOf(this.#histogram.max);
    const reasons = [
      ...(delayP99Ms > SLOW_LOOP_MS ? (['event_loop_delay'] as const) : []),
      ...(intervalMs >= MIN_INTERVAL_MS && utilization > BUSY_LOOP ? (['event_loop_utilization'] as const) : []),
      ...(intervalMs >= MIN_INTERVAL_MS && cpuCoreRatio > BUSY_CPU ? (['cpu'] as const) : []),
    ];
    this.#last = {
      degraded: reasons.length > 0,
      reasons,
      intervalMs: Math.round(intervalMs),
      delayP99Ms,
      delayMaxMs,
      utilization: round(utilization),
      cpuCoreRatio: round(cpuCoreRatio),
    };
    this.#restart();
    return this.#last;
  }

  stop(): void {
    this.#histogram.disable();
  }

  #restart(): void {
    this.#histogram.reset();
    this.#utilization = performance.eventLoopUtilization();
    this.#cpu = process.cpuUsage();
    this.#sinceMs = performance.now();
  }
}

function delayOf(nanoseconds: number): number {
  const ms = nanoseconds / 1e6 - RESOLUTION_MS;
  return Number.isFinite(ms) ? Math.max(0, round(ms)) : 0;
}

function round(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}
