import type { ReactNode } from 'react';

import type { GatewayView } from '../../../src-main/contract/snapshot.ts';
import { useNow } from '../../stores/app-context.ts';
import { latency } from '../../ui/latency-text.ts';
import { moment } from '../../ui/time-text.ts';
import { HopBar } from './HopBar.tsx';
import { RoundTripStrip } from './RoundTripStrip.tsx';
import { summarize } from './round-trips.ts';

export function LineCard({ gateway }: { readonly gateway: GatewayView }): ReactNode {
  return (
    <section className="card" aria-labelledby="line">
      <header>
        <h2 id="line">The line</h2>
        <RoundTrip gateway={gateway} />
      </header>
      <HopBar hops={gateway.hops} />
      <RoundTripStrip samples={gateway.samples} />
    </section>
  );
}

function RoundTrip({ gateway: { state, samples } }: { readonly gateway: GatewayView }): ReactNode {
  const nowMs = useNow();
  if (state.status === 'connected' || state.status === 'attached') {
    return <span className="meta">Round trip {latency(state.roundTripMs)}</span>;
  }
  const { lastGood } = summarize(samples);
  if (lastGood === undefined) return undefined;
  return (
    <span className="meta">
      Last good round trip {latency(lastGood.ms)} at {moment(lastGood.atMs, nowMs, 'seconds')}
    </span>
  );
}
