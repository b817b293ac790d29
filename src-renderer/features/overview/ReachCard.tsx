import type { ReactNode } from 'react';

import type { GatewayView } from '../../../src-main/contract/snapshot.ts';
import { useApp, useNow } from '../../stores/app-context.ts';
import { HREF } from '../../stores/place.ts';
import { Glyph } from '../../ui/Glyph.tsx';
import { closing } from '../exposure/exposure-words.ts';

/** Who can reach this gateway, in one sentence. */
export function ReachCard({ gateway }: { readonly gateway: GatewayView }): ReactNode {
  const { bridge } = useApp();
  const nowMs = useNow();
  const { reach, exposure, kind } = gateway;
  const look = reach.open === undefined ? 'off' : reach.open.to === 'internet' ? 'public' : 'exposed';
  const end = exposure === undefined ? '' : closing(exposure, nowMs);
  return (
    <section className="say" data-s={look} aria-label="Who can reach this gateway">
      <Glyph name={look} />
      <div>
        <p>
          <strong>{reach.headline}</strong> {end}
        </p>
        <p className="meta">{reach.detail}</p>
      </div>
      {bridge.surface === 'app' && kind === 'local' ? (
        <a className="btn" href={HREF.exposure}>
          Exposure
        </a>
      ) : undefined}
    </section>
  );
}
