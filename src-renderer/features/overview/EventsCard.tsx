import type { ReactNode } from 'react';

import type { GatewayId, TimelineEvent } from '../../../src-main/contract/snapshot.ts';
import { useNow } from '../../stores/app-context.ts';
import { Glyph } from '../../ui/Glyph.tsx';
import { dayOf, isSameDay, moment, timeOfDay } from '../../ui/time-text.ts';

const SHOWN = 6;

interface EventsCardProps {
  readonly title: string;
  readonly events: readonly TimelineEvent[];
  /** Seconds matter while something is wrong. */
  readonly precise?: boolean;
}

export function EventsCard({ title, events, precise = false }: EventsCardProps): ReactNode {
  const nowMs = useNow();
  const precision = precise ? 'seconds' : 'minutes';
  return (
    <section className="card" aria-labelledby="events">
      <header>
        <h2 id="events">{title}</h2>
      </header>
      {events.length === 0 ? <p className="soft">Nothing has happened yet.</p> : undefined}
      <ol className={precise ? 'tl brief sec' : 'tl brief'}>
        {events.slice(0, SHOWN).map(({ id, atMs, status, text, why }) => (
          <li key={id} data-s={status} data-run={status === 'waiting' ? 'wait' : undefined}>
            <time dateTime={new Date(atMs).toISOString()} title={moment(atMs, nowMs, 'seconds')}>
              {isSameDay(atMs, nowMs) ? timeOfDay(atMs, precision) : dayOf(atMs)}
            </time>
            <Glyph name={status} />
            <div className="wrap-any">
              {text}
              {why === undefined ? undefined : <div className="why">{why}</div>}
            </div>
          </li>
        ))}
      </ol>
    </section>
  );
}

/** The events of one gateway, and those of the app as a whole. */
export function eventsOf(events: readonly TimelineEvent[], gateway: GatewayId): readonly TimelineEvent[] {
  return events.filter((event) => event.gateway === undefined || event.gateway === gateway);
}
