import type { ReactNode } from 'react';

import type { Snapshot } from '../../../src-main/contract/snapshot.ts';
import { useAct } from '../../stores/app-context.ts';
import { HREF } from '../../stores/place.ts';
import { FlagMark } from '../../ui/FlagMark.tsx';
import { Glyph } from '../../ui/Glyph.tsx';
import { kindWord } from '../shell/line-words.ts';

/** Nothing is connected, and nothing is wrong. */
export function OffState({ snapshot }: { readonly snapshot: Snapshot }): ReactNode {
  const act = useAct();
  return (
    <section className="card flush" aria-labelledby="off">
      <div className="empty">
        <Glyph name="off" size="xl" state="off" />
        <h2 id="off">Gangway is off</h2>
        <p>No gateway runs here and no line is open. Choose one to connect; it comes back by itself from then on.</p>
      </div>
      <ul className="list tall rule" aria-label="Gateways to connect">
        {snapshot.gateways.map((gateway) => (
          <li key={gateway.id}>
            <FlagMark flag={gateway.flag} />
            <span className="grow wrap-any">
              <b>{gateway.name}</b>
              <br />
              <span className="meta">{[kindWord(gateway), gateway.target].filter(Boolean).join(', ')}</span>
            </span>
            <button
              type="button"
              className="btn"
              aria-label={`Connect ${gateway.name}`}
              onClick={() => void act('gateway.use', { id: gateway.id })}
            >
              Connect
            </button>
          </li>
        ))}
        {snapshot.gateways.length > 1 ? undefined : (
          <li>
            <span className="grow soft">
              A gateway on another computer? <a href={HREF.gateways}>Add it</a>
            </span>
          </li>
        )}
      </ul>
    </section>
  );
}
