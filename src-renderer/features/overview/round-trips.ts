import type { Sample } from '../../../src-main/contract/snapshot.ts';

export interface RoundTripSummary {
  readonly medianMs: number | undefined;
  /** 95 of 100 answers came within this. */
  readonly mostMs: number | undefined;
  readonly lost: number;
  readonly count: number;
  readonly lastGood: { readonly atMs: number; readonly ms: number } | undefined;
}

export function summarize(samples: readonly Sample[]): RoundTripSummary {
  const answered = samples.flatMap(({ ms }) => (ms === undefined ? [] : [ms])).toSorted((a, b) => a - b);
  const last = samples.findLast((sample) => sample.ms !== undefined);
  return {
    medianMs: median(answered),
    mostMs: answered[Math.ceil(answered.length * 0.95) - 1],
    lost: samples.length - answered.length,
    count: samples.length,
    lastGood: last?.ms === undefined ? undefined : { atMs: last.atMs, ms: last.ms },
  };
}

function median(sorted: readonly number[]): number | undefined {
  const middle = sorted.length / 2;
  const upper = sorted[Math.floor(middle)];
  const lower = sorted[Math.ceil(middle) - 1];
  return upper === undefined || lower === undefined ? undefined : (lower + upper) / 2;
}

export const WINDOW_MS = 15 * 60_000;
/** Two measurements further apart than this have an unmeasured time between them: the line is not drawn through it. */
const GAP_MS = 45_000;

export interface PlotSize {
  readonly width: number;
  readonly height: number;
  /** The time at the right edge. */
  readonly endMs: number;
  /** The latency at the top edge. */
  readonly topMs: number;
}

export interface Plot {
  readonly trace: string;
  readonly area: string;
  /** Times without an answer, from left to right. */
  readonly lost: readonly { readonly x: number; readonly width: number }[];
}

/** The top of the scale: the next of 1, 2, 3, 6 times a power of ten that leaves some air. */
export function scaleTop(samples: readonly Sample[]): number {
  const highest = Math.max(0.5, ...samples.map(({ ms }) => ms ?? 0)) * 1.1;
  const power = 10 ** Math.floor(Math.log10(highest));
  return (([1, 2, 3, 6, 10].find((step) => step * power >= highest) ?? 10) * Math.round(power * 10)) / 10;
}

/** The shapes of a sparkline. Points are joined while they follow each other closely and were answered. */
export function plot(samples: readonly Sample[], size: PlotSize): Plot {
  const shown = samples.filter(({ atMs }) => atMs >= size.endMs - WINDOW_MS);
  const runs = answeredRuns(shown).map((run) => run.map((sample) => pointOf(sample, size)));
  return {
    trace: runs.map(tracePath).join(''),
    area: runs
      .map((run) => `${tracePath(run)}L${run.at(-1)?.x ?? 0} ${size.height}L${run[0]?.x ?? 0} ${size.height}Z`)
      .join(''),
    lost: lostSpans(shown, size),
  };
}

interface Point {
  readonly x: number;
  readonly y: number;
}

const tenth = (value: number): number => Math.round(value * 10) / 10;

function xOf(atMs: number, { width, endMs }: PlotSize): number {
  return tenth(Math.min(width, Math.max(0, width * (1 - (endMs - atMs) / WINDOW_MS))));
}

function pointOf({ atMs, ms = 0 }: Sample, size: PlotSize): Point {
  return { x: xOf(atMs, size), y: tenth(size.height * (1 - Math.min(1, ms / size.topMs))) };
}

function tracePath(run: readonly Point[]): string {
  // A run of one is a dash, which can be seen; a point cannot.
  const drawn = run.length === 1 ? [...run, ...run.map(({ x, y }) => ({ x: x + 2, y }))] : run;
  return drawn.map(({ x, y }, index) => `${index === 0 ? 'M' : 'L'}${x} ${y}`).join('');
}

function answeredRuns(samples: readonly Sample[]): readonly (readonly Sample[])[] {
  const runs: Sample[][] = [];
  let before: Sample | undefined;
  for (const sample of samples) {
    const follows = before?.ms !== undefined && sample.atMs - before.atMs <= GAP_MS;
    if (sample.ms !== undefined) {
      if (follows) runs.at(-1)?.push(sample);
      else runs.push([sample]);
    }
    before = sample;
  }
  return runs;
}

/** From the first missing answer to the next one that came, or to the right edge. */
function lostSpans(samples: readonly Sample[], size: PlotSize): Plot['lost'] {
  const spans: { x: number; width: number }[] = [];
  let sinceMs: number | undefined;
  for (const { atMs, ms } of [...samples, { atMs: size.endMs, ms: 0 }]) {
    if (ms === undefined) sinceMs ??= atMs;
    else if (sinceMs !== undefined) {
      const x = xOf(sinceMs, size);
      spans.push({ x, width: Math.max(2, tenth(xOf(atMs, size) - x)) });
      sinceMs = undefined;
    }
  }
  return spans;
}
