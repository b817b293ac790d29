import type { ReactNode } from 'react';

import type { Sample } from '../../../src-main/contract/snapshot.ts';
import { plot, type PlotSize } from './round-trips.ts';

interface SparklineProps extends PlotSize {
  readonly samples: readonly Sample[];
  /** What a reader who cannot see it is told. */
  readonly label: string;
  readonly grid?: boolean;
}

export function Sparkline({ samples, label, grid = false, ...size }: SparklineProps): ReactNode {
  const { trace, area, lost } = plot(samples, size);
  const { width, height } = size;
  return (
    <svg className="spark" viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" role="img" aria-label={label}>
      {grid ? <path className="grid" d={`M0 ${height}H${width}M0 ${height / 2}H${width}`} /> : undefined}
      {lost.map(({ x, width: wide }) => (
        <g key={x}>
          <rect className="lost" x={x} y="0" width={wide} height={height} />
          <path className="lost-edge" d={`M${x} 0V${height}`} />
        </g>
      ))}
      <path className="area" d={area} />
      <path className="trace" d={trace} />
    </svg>
  );
}
