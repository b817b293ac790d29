import type { ReactNode } from 'react';

import type { HopView } from '../../../src-main/contract/snapshot.ts';
import { Glyph } from '../../ui/Glyph.tsx';
import { latencyFigure, roundShares } from '../../ui/latency-text.ts';
import { isFault, lineAfter, STATE_WORD } from './hop-line.ts';

/** The line, station by station. The shares of the round trip add up to the figure above. */
export function HopBar({ hops }: { readonly hops: readonly HopView[] }): ReactNode {
  const shares = roundShares(hops.map(({ latencyMs }) => latencyMs));
  const firstShare = shares.findIndex((share) => share !== undefined);
  return (
    <div className="hopbox">
      <ol className="hops" aria-label="Path to the gateway">
        {hops.map((hop, index) => (
          <li
            key={hop.hop}
            className="hop"
            data-s={hop.state}
            data-line={lineAfter(hops[index + 1])}
            data-fault={isFault(hop) ? '' : undefined}
          >
            <Glyph name={hop.state} />
            <span className="hop-name">
              {hop.title}
              <span className="sr">, {STATE_WORD[hop.state]}, </span>
            </span>
            <HopValue share={shares[index]} added={index > firstShare} word={hop.word} />
            <span className="hop-detail">{hop.detail}</span>
          </li>
        ))}
      </ol>
    </div>
  );
}

interface HopValueProps {
  readonly share: number | undefined;
  /** It comes on top of an earlier share. */
  readonly added: boolean;
  readonly word: string;
}

function HopValue({ share, added, word }: HopValueProps): ReactNode {
  if (share === undefined) return <span className="hop-value word">{word}</span>;
  return (
    <span className="hop-value">
      {added ? '+' : ''}
      {share === 0 ? '0' : latencyFigure(share)}
      <small>ms</small>
    </span>
  );
}
