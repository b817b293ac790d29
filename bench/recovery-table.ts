import { RECOVERY_LANES, type RecoveryLane } from './recovery-lanes.ts';
import { SCENARIOS } from './recovery-scenarios.ts';

export interface RecoverySample {
  readonly lane: RecoveryLane;
  readonly scenario: string;
  /** From "the network is back" to the first echo; `Infinity` when none came in time. */
  readonly recoveryMs: number;
  /** New local connections that nobody listened for, and those that ended without an echo. */
  readonly refused: number;
  readonly broken: number;
  /** Both outputs of the program. */
  readonly said: string;
}

/** A row per scenario and lane, with the bar, and how many times as long the others take in the same run. */
export function printRecoveryTable(samples: readonly RecoverySample[]): void {
  const rows = Object.entries(SCENARIOS).flatMap(([scenario, { about, barMs }]) => {
    const of = (lane: RecoveryLane) => samples.filter((one) => one.scenario === scenario && one.lane === lane);
    const ours = percentile(of('ours'), 0.5);
    return RECOVERY_LANES.filter((lane) => of(lane).length > 0).map((lane) => {
      const own = of(lane);
      const p95 = percentile(own, 0.95);
      return {
        scenario: `${scenario} ${about}`,
        lane,
        n: own.length,
        'median s': seconds(percentile(own, 0.5)),
        'p95 s': seconds(p95),
        'max s': seconds(percentile(own, 1)),
        bar: lane === 'ours' && barMs !== undefined ? `${seconds(barMs)} ${p95 <= barMs ? 'met' : 'MISSED'}` : '',
        'times ours': lane === 'ours' ? '' : quotient(percentile(own, 0.5), ours),
        refused: own.reduce((sum, one) => sum + one.refused, 0),
        broken: own.reduce((sum, one) => sum + one.broken, 0),
      };
    });
  });
  console.table(rows);
}

/** The nearest rank: the worst of few, and the second worst of thirty. */
function percentile(samples: readonly RecoverySample[], part: number): number {
  const sorted = samples.map((sample) => sample.recoveryMs).toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * part) - 1)] ?? Number.NaN;
}

function seconds(ms: number): string {
  return Number.isFinite(ms) ? (ms / 1_000).toFixed(2) : 'never';
}

function quotient(theirs: number, ours: number): string {
  return Number.isFinite(theirs) && Number.isFinite(ours) ? (theirs / ours).toFixed(1) : '';
}
