import { useCallback, useState, type ReactNode } from 'react';

import { describeError } from '../../../src-main/contract/errors.ts';
import type { GatewayView, LineStatus } from '../../../src-main/contract/snapshot.ts';
import type { ForwardState } from '../../../src-main/contract/tunnel.ts';
import { useAct } from '../../stores/app-context.ts';
import { Glyph } from '../../ui/Glyph.tsx';
import { AddForwardDialog } from './AddForwardDialog.tsx';
import { remoteText } from './forward-form.ts';

/** The ports beside the gateway's own that its line carries, each with its state. */
export function ForwardsCard({ gateway }: { readonly gateway: GatewayView }): ReactNode {
  const [adding, setAdding] = useState(false);
  const close = useCallback(() => setAdding(false), []);
  const { forwards = [] } = gateway;
  return (
    <section className="card flush" aria-labelledby="forwards">
      <header>
        <h2 id="forwards">Further ports</h2>
        <button type="button" className="btn" onClick={() => setAdding(true)}>
          Add port
        </button>
      </header>
      {forwards.length === 0 ? <p className="none soft">The line carries the gateway alone.</p> : undefined}
      <ul className="list">
        {forwards.map((forward) => (
          <ForwardItem key={forward.localPort} gateway={gateway} forward={forward} />
        ))}
      </ul>
      {adding ? <AddForwardDialog gateway={gateway} onClose={close} /> : undefined}
    </section>
  );
}

const STATUS: Readonly<Record<ForwardState['status'], LineStatus>> = {
  ready: 'connected',
  waiting: 'connecting',
  failed: 'failed',
};

function ForwardItem({
  gateway,
  forward,
}: {
  readonly gateway: GatewayView;
  readonly forward: ForwardState;
}): ReactNode {
  const act = useAct();
  const { localPort, status } = forward;
  return (
    <li>
      <Glyph name={STATUS[status]} state={STATUS[status]} />
      <span className="grow wrap-any">
        <span className="num">127.0.0.1:{localPort}</span>
        <br />
        <span className="meta">
          to {remoteText(forward)}
          {wordOf(forward)}
        </span>
      </span>
      <button
        type="button"
        className="btn"
        aria-label={`Remove port ${localPort}`}
        onClick={() => void act('gateway.remove-forward', { id: gateway.id, localPort })}
      >
        Remove
      </button>
    </li>
  );
}

function wordOf(forward: ForwardState): string {
  if (forward.status !== 'failed') return forward.status === 'ready' ? '' : ', waits for the line';
  const { title, body, next } = describeError(forward.cause);
  return `. ${title}. ${body} ${next}`;
}
