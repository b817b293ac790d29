import { useCallback, useState, type ReactNode } from 'react';

import type { GatewayId, Snapshot } from '../../../src-main/contract/snapshot.ts';
import { Glyph } from '../../ui/Glyph.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { AddGatewayDialog } from './AddGatewayDialog.tsx';
import { gatewayCounts } from './gateway-counts.ts';
import { GatewayRow } from './GatewayRow.tsx';
import { RemoveGatewayDialog } from './RemoveGatewayDialog.tsx';

/** Every gateway this app knows: how it is, and which one is in use. */
export function GatewaysPage({ snapshot }: { readonly snapshot: Snapshot }): ReactNode {
  const [adding, setAdding] = useState(false);
  const [removing, setRemoving] = useState<GatewayId>();
  const stopAdding = useCallback(() => setAdding(false), []);
  const stopRemoving = useCallback(() => setRemoving(undefined), []);
  const leaving = snapshot.gateways.find(({ id }) => id === removing);
  return (
    <>
      <div className="head">
        <div>
          <h1>Gateways</h1>
          <p className="lead">{gatewayCounts(snapshot.gateways)}</p>
        </div>
        <div className="row">
          <button type="button" className="btn primary" onClick={() => setAdding(true)}>
            <Icon name="plus" />
            Add gateway
          </button>
        </div>
      </div>
      <section className="card flush" aria-label="Gateways">
        <GatewayTable snapshot={snapshot} onRemove={setRemoving} />
        {snapshot.gateways.length > 1 ? undefined : <NoOther onAdd={() => setAdding(true)} />}
      </section>
      <p className="meta">
        One gateway is in use at a time; others can be kept connected beside it. Programs on this computer reach each at
        its local port.
      </p>
      {adding ? <AddGatewayDialog onClose={stopAdding} /> : undefined}
      {leaving === undefined ? undefined : (
        <RemoveGatewayDialog gateway={leaving} inUse={leaving.id === snapshot.use} onClose={stopRemoving} />
      )}
    </>
  );
}

interface GatewayTableProps {
  readonly snapshot: Snapshot;
  readonly onRemove: (id: GatewayId) => void;
}

function GatewayTable({ snapshot, onRemove }: GatewayTableProps): ReactNode {
  return (
    <table className="table fold">
      <thead>
        <tr>
          <th scope="col">Gateway</th>
          <th scope="col">State</th>
          <th scope="col">Route</th>
          <th scope="col">15 min</th>
          <th scope="col" className="num">
            Latency
          </th>
          <th scope="col">
            <span className="sr">Actions</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {snapshot.gateways.map((gateway, index) => (
          <GatewayRow
            key={gateway.id}
            gateway={gateway}
            index={index}
            inUse={gateway.id === snapshot.use}
            onRemove={() => onRemove(gateway.id)}
          />
        ))}
      </tbody>
    </table>
  );
}

function NoOther({ onAdd }: { readonly onAdd: () => void }): ReactNode {
  return (
    <div className="empty">
      <Glyph name="unreached" size="lg" state="off" />
      <h2>No other gateway yet</h2>
      <p>
        A gateway on your desktop, a home server or a VPS is reached over SSH and then answers on this computer, as if
        it ran here.
      </p>
      <button type="button" className="btn" onClick={onAdd}>
        Add another gateway
      </button>
    </div>
  );
}
