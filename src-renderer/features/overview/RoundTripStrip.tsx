import type { ReactNode } from 'react';

import type { Sample } from '../../../src-main/contract/snapshot.ts';
import { useNow } from '../../stores/app-context.ts';
import { latency } from '../../ui/latency-text.ts';
import { THIN } from '../../ui/time-text.ts';
import { scaleTop, summarize, type RoundTripSummary } from './round-trips.ts';
import { Sparkline } from './Sparkline.tsx';

/** The right edge moves on in steps, so that the picture is not drawn anew every second. */
const STEP_MS = 10_000;

/** The round trips of the last 15 minutes, with a scale, and the three figures that sum them up. */
export function RoundTripStrip({ samples }: { readonly samples: readonly Sample[] }): ReactNode {
  const nowMs = useNow();
  if (samples.length === 0) return undefined;
  const endMs = Math.max(samples.at(-1)?.atMs ?? 0, Math.floor(nowMs / STEP_MS) * STEP_MS);
  const topMs = scaleTop(samples);
  const summary = summarize(samples);
  return (
    <div className="strip">
      <div>
        <div className="plot">
          <Sparkline
            samples={samples}
            width={600}
            height={48}
            endMs={endMs}
            topMs={topMs}
            label={inWords(summary)}
            grid
          />
          <div className="scale" aria-hidden>
            <span>{latency(topMs)}</span>
            <span>{topMs / 2}</span>
            <span>0</span>
          </div>
        </div>
        <div className="axis meta" aria-hidden>
          <span>15{THIN}min ago</span>
          <span>10</span>
          <span>5</span>
          <span>now</span>
        </div>
      </div>
      <Readings summary={summary} />
    </div>
  );
}

function Readings({ summary }: { readonly summary: RoundTripSummary }): ReactNode {
  const { medianMs, mostMs, lost, count } = summary;
  return (
    <dl className="readings">
      <div>
        <dt>Median</dt>
        <dd>{medianMs === undefined ? '–' : latency(medianMs)}</dd>
      </div>
      <div>
        <dt>95{THIN}%</dt>
        <dd>{mostMs === undefined ? '–' : latency(mostMs)}</dd>
      </div>
      <div>
        <dt>Lost</dt>
        <dd>
          {lost} of {count}
        </dd>
      </div>
    </dl>
  );
}

export function inWords({ medianMs, mostMs, lost, count }: RoundTripSummary): string {
  const figures =
    medianMs === undefined || mostMs === undefined
      ? 'no answer'
      : `median ${latency(medianMs)}, 95 % within ${latency(mostMs)}`;
  return `Round trips of the last 15 minutes: ${figures}, ${lost} of ${count} lost`;
}
