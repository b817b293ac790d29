import type { ReactNode } from 'react';

import type { Flag } from '../../src-main/contract/snapshot.ts';

/** Halves, band, quarters, diagonal, centre, cross: the pattern alone is enough to know a gateway by. */
const PATTERNS: readonly ReactNode[] = [
  <path key="halves" d="M1 3a2 2 0 0 1 2-2h5v14H3a2 2 0 0 1-2-2z" />,
  <path key="band" d="M1 5.6h14v4.8H1z" />,
  <path key="quarters" d="M1 3a2 2 0 0 1 2-2h5v7H1zM8 8h7v5a2 2 0 0 1-2 2H8z" />,
  <path key="diagonal" d="M1 13V3a2 2 0 0 1 2-2h12L1.6 14.4A2 2 0 0 1 1 13z" />,
  <rect key="centre" x="5.2" y="5.2" width="5.6" height="5.6" rx=".6" />,
  <path key="cross" d="M6.2 1h3.6v5.2H15v3.6H9.8V15H6.2V9.8H1V6.2h5.2z" />,
];

/** The signal flag of a gateway. Square, so that it is never mistaken for a state. Decorative: its name is beside it. */
export function FlagMark({ flag }: { readonly flag: Flag }): ReactNode {
  return (
    <svg className="flag" data-hue={flag.hue} viewBox="0 0 16 16" aria-hidden>
      <rect x="1" y="1" width="14" height="14" rx="2" fill="var(--raised)" />
      <g fill="currentColor">{PATTERNS[flag.pattern - 1]}</g>
      <rect x="1" y="1" width="14" height="14" rx="2" fill="none" stroke="currentColor" strokeWidth="1.4" />
    </svg>
  );
}
