import type { ReactNode } from 'react';

import type { GatewayFacts, PresenceView } from '../../../src-main/contract/snapshot.ts';
import { useNow } from '../../stores/app-context.ts';
import { Glyph } from '../../ui/Glyph.tsx';
import { duration, isSameDay, timeOfDay } from '../../ui/time-text.ts';

/** Who is connected to the gateway right now, and what the gateway says about itself. */
export function PresenceCard({ facts }: { readonly facts: GatewayFacts }): ReactNode {
  const nowMs = useNow();
  const { presence, version, protocol, startedAtMs } = facts;
  return (
    <section className="card flush" aria-labelledby="presence">
      <header>
        <h2 id="presence">Connected now</h2>
        <span className="meta">{presence.length}</span>
      </header>
      {presence.length === 0 ? <p className="none soft">Nobody has told the gateway their name.</p> : undefined}
      <ul className="list">
        {presence.map((client) => (
          <Client key={client.id} client={client} nowMs={nowMs} />
        ))}
      </ul>
      <dl className="readings reading">
        <div>
          <dt>Gateway version</dt>
          <dd>{version}</dd>
        </div>
        <div>
          <dt>Protocol</dt>
          <dd>{protocol}</dd>
        </div>
        <div>
          <dt>Up for</dt>
          <dd>{duration(nowMs - startedAtMs)}</dd>
        </div>
      </dl>
    </section>
  );
}

function Client({ client, nowMs }: { readonly client: PresenceView; readonly nowMs: number }): ReactNode {
  return (
    <li>
      <Glyph name="connected" state="connected" />
      <span className="grow wrap-any">
        {client.label}
        <br />
        <span className="meta">{client.detail}</span>
      </span>
      {client.sinceMs === undefined ? undefined : <span className="meta num">{since(client.sinceMs, nowMs)}</span>}
    </li>
  );
}

/** `since 14:03` today, `6 days` before that. */
function since(sinceMs: number, nowMs: number): string {
  return isSameDay(sinceMs, nowMs) ? `since ${timeOfDay(sinceMs)}` : duration(nowMs - sinceMs);
}
