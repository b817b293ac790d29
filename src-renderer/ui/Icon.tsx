import type { ReactNode } from 'react';

export type IconName =
  'overview' | 'exposure' | 'gateways' | 'chevron' | 'menu' | 'copy' | 'plus' | 'close' | 'leave' | 'far' | 'address';

const SHAPES: Readonly<Record<IconName, ReactNode>> = {
  overview: (
    <>
      <rect x="1.6" y="9.4" width="5" height="5" rx=".8" />
      <path d="M6.4 9.6l3.4-3.4" />
      <circle cx="11.8" cy="4.2" r="2.6" />
    </>
  ),
  exposure: (
    <path d="M8.6 2.2H3.8a1.6 1.6 0 0 0-1.6 1.6v8.4a1.6 1.6 0 0 0 1.6 1.6h8.4a1.6 1.6 0 0 0 1.6-1.6V7.4M7.2 8.8l6.5-6.5M10.4 1.8h3.8v3.8" />
  ),
  gateways: (
    <>
      <rect x="2" y="2.5" width="12" height="3" rx="1" />
      <rect x="2" y="6.8" width="12" height="3" rx="1" />
      <rect x="2" y="11.1" width="12" height="3" rx="1" />
    </>
  ),
  chevron: <path d="M4.5 6.2L8 9.8l3.5-3.6" />,
  menu: <path d="M2.5 4.5h11M2.5 8h11M2.5 11.5h11" />,
  copy: (
    <>
      <rect x="5.5" y="5.5" width="8" height="8" rx="1.5" />
      <path d="M3.5 10.5h-.3a.7.7 0 0 1-.7-.7V3.2a.7.7 0 0 1 .7-.7h6.6a.7.7 0 0 1 .7.7v.3" />
    </>
  ),
  plus: <path d="M8 3v10M3 8h10" />,
  close: <path d="M4.5 4.5l7 7M11.5 4.5l-7 7" />,
  leave: <path d="M6.5 2.5h-4v11h4M6.5 8h7M10.8 5.2L13.6 8l-2.8 2.8" />,
  far: (
    <>
      <rect x="1.5" y="6" width="4" height="4" rx=".8" />
      <path d="M6 8h4" />
      <circle cx="12.3" cy="8" r="2.2" />
    </>
  ),
  address: (
    <>
      <circle cx="8" cy="8" r="6" />
      <path d="M2 8h12M8 2c2.3 2 2.3 10 0 12M8 2c-2.3 2-2.3 10 0 12" />
    </>
  ),
};

export function Icon({ name }: { readonly name: IconName }): ReactNode {
  return (
    <svg className="icon" viewBox="0 0 16 16" aria-hidden>
      {SHAPES[name]}
    </svg>
  );
}
