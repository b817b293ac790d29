import type { ReactNode } from 'react';

import type { LineStatus } from '../../src-main/contract/snapshot.ts';
import { Glyph } from './Glyph.tsx';

/** The state of a line, or how far it is open to others. */
export type BadgeStatus = LineStatus | 'exposed' | 'public';

/** Only what asks for attention is filled. */
const FILLED: ReadonlySet<BadgeStatus> = new Set<BadgeStatus>(['asks', 'waiting', 'failed', 'public']);

interface BadgeProps {
  readonly status: BadgeStatus;
  readonly children: ReactNode;
  /** For places that are too small for a fill. */
  readonly plain?: boolean;
}

/** A state: shape, word, colour, in that order. */
export function Badge({ status, children, plain = false }: BadgeProps): ReactNode {
  return (
    <span className={FILLED.has(status) && !plain ? 'badge fill' : 'badge'} data-s={status}>
      <Glyph name={status} />
      <span>{children}</span>
    </span>
  );
}
