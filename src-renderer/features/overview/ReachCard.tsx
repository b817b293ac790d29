import type { ReactNode } from 'react';

import type { GatewayView } from '../../../src-main/contract/snapshot.ts';
import { useAct, useApp } from '../../stores/app-context.ts';
import { HREF } from '../../stores/place.ts';
import { ReachSentence } from '../exposure/ReachSentence.tsx';

/** Who can reach this gateway, and the way to where that is decided. */
export function ReachCard({ gateway }: { readonly gateway: GatewayView }): ReactNode {
  const { bridge } = useApp();
  const act = useAct();
  return (
    <ReachSentence gateway={gateway}>
      {bridge.surface === 'app' && gateway.kind === 'local' ? (
        <a className="btn" href={HREF.exposure}>
          Exposure
        </a>
      ) : undefined}
      {gateway.reach.unencrypted ? (
        <button
          type="button"
          className="btn"
          onClick={() => void act('gateway.trust-network', { id: gateway.id, trusted: false })}
        >
          Trust it no longer
        </button>
      ) : undefined}
    </ReachSentence>
  );
}
