import type { WindowRoute } from './window-route.ts';

export const APP_SCHEME = 'app';
const HOST = 'gangway';
const PAGE = '/index.html';

/** Address of the Control UI at a place in it. */
export function pageUrl(route: WindowRoute): string {
  return `${APP_SCHEME}://${HOST}${PAGE}#${route}`;
}

/** Whether an address is of our own origin. */
export function isAppUrl(address: string): boolean {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  // `origin` is no help: it is `null` for every scheme that Node does not know.
  return url?.protocol === `${APP_SCHEME}:` && url.host === HOST && url.username === '' && url.password === '';
}

/** Whether an address is the one page of the app, at whatever place in it. */
export function isAppPage(address: string): boolean {
  return isAppUrl(address) && new URL(address).pathname === PAGE && new URL(address).search === '';
}
