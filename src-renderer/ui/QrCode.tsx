import { useMemo, type ReactNode } from 'react';

import { qrModules } from './qr-code.ts';

/** Modules of light around the code, without which it is not found. */
const QUIET = 4;

/** An address for a camera: always dark on light, whatever the theme. Nothing where it is too long for one. */
export function QrCode({ text }: { readonly text: string }): ReactNode {
  const rows = useMemo(() => qrModules(text), [text]);
  if (rows === undefined) return undefined;
  const side = rows.length + 2 * QUIET;
  const path = rows
    .flatMap((row, y) => row.map((dark, x) => (dark ? `M${x + QUIET} ${y + QUIET}h1v1h-1z` : '')))
    .join('');
  return (
    <svg
      className="qr"
      viewBox={`0 0 ${side} ${side}`}
      shapeRendering="crispEdges"
      role="img"
      aria-label={`QR code of ${text}`}
    >
      <rect width={side} height={side} fill="#fff" />
      <path d={path} fill="#000" />
    </svg>
  );
}
