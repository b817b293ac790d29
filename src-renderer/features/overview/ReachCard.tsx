import type { ReactNode } from 'react';

import type { GatewayView } from '../../../src-main/contract/snapshot.ts';
import { Glyph } from '../../ui/Glyph.tsx';

/** Who can reach this gateway, in one sentence. */
export function ReachCard({ reach }: Pick<GatewayView, 'reach'>): ReactNode {
  return (
    <section className="say" data-s="off" aria-label="Who can reach this gateway">
      <Glyph name="off" />
      <div>
        <p>
          <strong>{reach.headline}</strong>
        </p>
        <p className="meta">{reach.detail}</p>
      </div>
    </section>
  );
}
