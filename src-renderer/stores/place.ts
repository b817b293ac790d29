import { useSyncExternalStore } from 'react';

export type Place = 'overview' | 'exposure' | 'gateways';

/** Places are kept in the fragment: it works from any address a window or a gateway serves the page at. */
export const HREF: Readonly<Record<Place, string>> = {
  overview: '#/',
  exposure: '#/exposure',
  gateways: '#/gateways',
};

export function placeOf(fragment: string): Place {
  if (fragment === HREF.exposure) return 'exposure';
  return fragment === HREF.gateways ? 'gateways' : 'overview';
}

export function usePlace(): Place {
  return useSyncExternalStore(subscribe, () => placeOf(window.location.hash));
}

function subscribe(listener: () => void): () => void {
  window.addEventListener('hashchange', listener);
  return () => window.removeEventListener('hashchange', listener);
}
