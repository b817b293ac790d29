import type { ReactNode } from 'react';

import { describeError } from '../../../src-main/contract/errors.ts';
import { isAwaited, type GatewayView, type LineState } from '../../../src-main/contract/snapshot.ts';
import { Glyph } from '../../ui/Glyph.tsx';
import { RepairButtons } from '../repair/RepairButtons.tsx';
import { Ring } from './Ring.tsx';

export type DownState = Extract<LineState, { status: 'waiting' | 'failed' }>;

interface DownCardProps {
  readonly gateway: GatewayView;
  readonly state: DownState;
}

/** The line is down: what happened, why, what happens next, and what a person can do. */
export function DownCard({ gateway, state }: DownCardProps): ReactNode {
  const { title, body, next } = describeError(state.cause);
  return (
    <section className="card down" aria-labelledby="down" data-s={state.status}>
      {state.status === 'waiting' && !isAwaited(state.cause) ? (
        <Ring untilMs={state.retryAtMs} />
      ) : (
        <Glyph name={state.status} size="xl" />
      )}
      <div className="stack s2">
        <h2 id="down">{title}</h2>
        <p className="soft">
          {body} {next}
        </p>
        {/* A dialog belongs to one fault: another fault closes it. */}
        <RepairButtons key={state.cause.code} gateway={gateway} cause={state.cause} />
      </div>
    </section>
  );
}
