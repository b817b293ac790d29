import type { ReactNode } from 'react';

import type { HopView, LineStatus } from '../../src-main/contract/snapshot.ts';

export type GlyphName = LineStatus | HopView['state'] | 'warn' | 'info';

const ring = (width: number): ReactNode => (
  <circle cx="8" cy="8" r="6.1" fill="none" stroke="currentColor" strokeWidth={width} />
);

/** One shape per state, told apart without colour. `--knock` is the ground the shape stands on. */
const SHAPES: Readonly<Record<GlyphName, ReactNode>> = {
  connected: (
    <>
      <circle cx="8" cy="8" r="7" fill="currentColor" />
      <path
        d="M4.8 8.3l2.2 2.2 4.2-4.7"
        fill="none"
        stroke="var(--knock)"
        strokeWidth="1.8"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </>
  ),
  connecting: (
    <g className="turn">
      <circle cx="8" cy="8" r="6" fill="none" stroke="currentColor" strokeWidth="1.6" opacity=".32" />
      <path d="M8 2a6 6 0 0 1 6 6" fill="none" stroke="currentColor" strokeWidth="2.4" strokeLinecap="round" />
      <circle cx="8" cy="8" r="1.7" fill="currentColor" />
    </g>
  ),
  asks: (
    <>
      <circle cx="8" cy="8" r="7" fill="currentColor" />
      <path
        d="M5.7 6.3a2.3 2.3 0 1 1 3.4 2c-.7.4-1.1.8-1.1 1.5"
        fill="none"
        stroke="var(--knock)"
        strokeWidth="1.7"
        strokeLinecap="round"
      />
      <circle cx="8" cy="12" r="1" fill="var(--knock)" />
    </>
  ),
  waiting: (
    <>
      {ring(1.8)}
      <path
        d="M8 4.6V8l2.3 1.6"
        fill="none"
        stroke="currentColor"
        strokeWidth="1.6"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </>
  ),
  failed: (
    <>
      <path d="M5.1.9h5.8l4.2 4.2v5.8l-4.2 4.2H5.1L.9 10.9V5.1z" fill="currentColor" />
      <path
        d="M5.4 5.4l5.2 5.2M10.6 5.4l-5.2 5.2"
        fill="none"
        stroke="var(--knock)"
        strokeWidth="1.9"
        strokeLinecap="round"
      />
    </>
  ),
  off: ring(1.6),
  attached: (
    <>
      {ring(1.7)}
      <circle cx="8" cy="8" r="3" fill="currentColor" />
    </>
  ),
  here: <rect x="1.5" y="1.5" width="13" height="13" rx="2.5" fill="currentColor" />,
  unreached: (
    <circle
      cx="8"
      cy="8"
      r="6"
      fill="var(--knock)"
      stroke="currentColor"
      strokeWidth="1.6"
      strokeDasharray="1.6 2.6"
      strokeLinecap="round"
    />
  ),
  exposed: (
    <g fill="none" stroke="currentColor" strokeWidth="1.7" strokeLinecap="round">
      <path d="M8.6 2.2H3.8A1.6 1.6 0 0 0 2.2 3.8v8.4a1.6 1.6 0 0 0 1.6 1.6h8.4a1.6 1.6 0 0 0 1.6-1.6V7.4" />
      <path d="M7.2 8.8l6.5-6.5M10.4 1.8h3.8v3.8" strokeLinejoin="round" />
    </g>
  ),
  public: (
    <>
      <path d="M8 .6L15.4 8 8 15.4.6 8z" fill="currentColor" />
      <path
        d="M6 10l3.8-3.8M6.8 5.8h3.4v3.4"
        fill="none"
        stroke="var(--knock)"
        strokeWidth="1.7"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </>
  ),
  warn: (
    <>
      <path d="M8 1.4l7 12.8H1z" fill="currentColor" stroke="currentColor" strokeLinejoin="round" />
      <path d="M8 6v3.6" stroke="var(--knock)" strokeWidth="1.8" strokeLinecap="round" />
      <circle cx="8" cy="12" r="1" fill="var(--knock)" />
    </>
  ),
  info: (
    <>
      <rect x="1.6" y="1.6" width="12.8" height="12.8" rx="3" fill="none" stroke="currentColor" strokeWidth="1.6" />
      <path d="M8 7.4V11" stroke="currentColor" strokeWidth="1.7" strokeLinecap="round" />
      <circle cx="8" cy="5" r="1" fill="currentColor" />
    </>
  ),
};

interface GlyphProps {
  readonly name: GlyphName;
  readonly size?: 'lg' | 'xl';
  /** Sets the colour where nothing around it does. */
  readonly state?: string;
}

/** A state as a shape. Decorative: the word beside it is what is read aloud. */
export function Glyph({ name, size, state }: GlyphProps): ReactNode {
  return (
    <svg className={size === undefined ? 'glyph' : `glyph ${size}`} data-s={state} viewBox="0 0 16 16" aria-hidden>
      {SHAPES[name]}
    </svg>
  );
}
