import type { ReactNode } from 'react';

import { gatewayInUse, type GatewayView, type Snapshot } from '../../../src-main/contract/snapshot.ts';
import { useAct, useApp, useNow } from '../../stores/app-context.ts';
import { Badge } from '../../ui/Badge.tsx';
import { CopyButton } from '../../ui/CopyButton.tsx';
import { leadOf, stateWord } from '../shell/line-words.ts';
import { ForwardsCard } from '../forwards/ForwardsCard.tsx';
import { TestButton } from '../repair/TestButton.tsx';
import { AsksCard } from './AsksCard.tsx';
import { DownCard } from './DownCard.tsx';
import { EventsCard, eventsOf } from './EventsCard.tsx';
import { LineCard } from './LineCard.tsx';
import { OffState } from './OffState.tsx';
import { PresenceCard } from './PresenceCard.tsx';
import { ReachCard } from './ReachCard.tsx';

/** How the gateway in use is doing, and what to do when it is not well. */
export function OverviewPage({ snapshot }: { readonly snapshot: Snapshot }): ReactNode {
  const gateway = gatewayInUse(snapshot);
  if (gateway === undefined) {
    return (
      <>
        <div className="head">
          <div>
            <h1>Overview</h1>
          </div>
        </div>
        <OffState snapshot={snapshot} />
        {snapshot.events.length === 0 ? undefined : <EventsCard title="Recent events" events={snapshot.events} />}
      </>
    );
  }
  return (
    <>
      <Head gateway={gateway} />
      <Body gateway={gateway} snapshot={snapshot} />
    </>
  );
}

function Head({ gateway }: { readonly gateway: GatewayView }): ReactNode {
  const { bridge } = useApp();
  const act = useAct();
  const { before, name, after } = leadOf(gateway, useNow());
  return (
    <div className="head">
      <div>
        <h1>Overview</h1>
        <p className="lead">
          <Badge status={gateway.state.status}>{stateWord(gateway)}</Badge>{' '}
          <span>
            {before}
            {name === '' ? undefined : <b>{name}</b>}
            {after}
          </span>
        </p>
      </div>
      <div className="row">
        <TestButton gateway={gateway} />
        {gateway.url === undefined ? undefined : <CopyButton text={gateway.url} label="Copy URL" />}
        {bridge.surface === 'app' ? (
          <button type="button" className="btn" onClick={() => void act('gateway.off', undefined)}>
            Switch off
          </button>
        ) : undefined}
      </div>
    </div>
  );
}

function Body({ gateway, snapshot }: { readonly gateway: GatewayView; readonly snapshot: Snapshot }): ReactNode {
  const { bridge } = useApp();
  const { state, facts } = gateway;
  const up = state.status === 'connected' || state.status === 'attached';
  const down = state.status === 'waiting' || state.status === 'failed';
  const events = eventsOf(snapshot.events, gateway.id);
  return (
    <>
      {down ? <DownCard gateway={gateway} state={state} /> : undefined}
      {state.status === 'asks' ? <AsksCard name={gateway.name} question={state.question} /> : undefined}
      <LineCard gateway={gateway} />
      {up ? <ReachCard gateway={gateway} /> : undefined}
      <div className="cols">
        {up && facts !== undefined ? <PresenceCard facts={facts} /> : undefined}
        {gateway.kind === 'ssh' && bridge.surface === 'app' ? <ForwardsCard gateway={gateway} /> : undefined}
        <EventsCard title={down ? 'What happened' : 'Recent events'} events={events} precise={down} />
      </div>
    </>
  );
}
