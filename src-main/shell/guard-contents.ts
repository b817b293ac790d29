import type { Logger } from '../platform/ports.ts';
import { isAppPage } from './app-address.ts';
import type { GuardedContents, NavigationDetails } from './electron-api.ts';
import { externalLink } from './external-links.ts';

export interface GuardDeps {
  /** Opens an allowed address in the browser of the system. */
  readonly openExternal: (url: string) => Promise<void>;
  readonly log: Logger;
}

/** Keeps a page where it is: it leads nowhere, opens no window and holds no foreign page. */
export function guardContents(contents: GuardedContents, deps: GuardDeps): void {
  const keepHere = (details: NavigationDetails): void => {
    if (details.isMainFrame && isAppPage(details.url)) return;
    details.preventDefault();
    leave(details.url, deps);
  };
  contents.on('will-navigate', keepHere);
  contents.on('will-frame-navigate', (details) => {
    // Comes for the top frame as well, which has its own event.
    if (!details.isMainFrame) details.preventDefault();
  });
  contents.on('will-redirect', keepHere);
  contents.on('will-attach-webview', (event) => event.preventDefault());
  contents.setWindowOpenHandler(({ url }) => {
    leave(url, deps);
    return { action: 'deny' };
  });
}

function leave(address: string, { openExternal, log }: GuardDeps): void {
  const link = externalLink(address);
  // The address is not logged: it may carry what a person typed.
  if (link === undefined) return log.warn('a page tried to leave the app');
  openExternal(link).catch((error: unknown) => log.warn('the browser could not be opened', { error }));
}
