import { useEffect, useMemo, useSyncExternalStore, type ReactNode } from 'react';

import { App } from '../App.tsx';
import { createBrowserBridge } from './browser-bridge.ts';
import type { BrowserSession } from './browser-session.ts';
import type { PageFacts } from './browser-snapshot.ts';
import { SignIn } from './SignIn.tsx';

interface BrowserAppProps {
  readonly session: BrowserSession;
  readonly page: PageFacts;
}

/** The Control UI in an ordinary browser: sign-in first, then the same pages as in the app. */
export function BrowserApp({ session, page }: BrowserAppProps): ReactNode {
  const { state, accepted } = useSyncExternalStore(session.subscribe, session.read);
  const bridge = useMemo(() => createBrowserBridge(session, page), [session, page]);
  useEffect(() => followTheComputer(session), [session]);
  if (accepted) return <App bridge={bridge} signOut={session.signOut} />;
  return (
    <SignIn
      host={page.host}
      busy={state.status === 'connecting'}
      cause={state.status === 'signed-out' ? state.cause : undefined}
      onSignIn={(token) => session.signIn(token)}
    />
  );
}

/** Back online or looked at again: the next try is now. */
function followTheComputer(session: BrowserSession): () => void {
  const shown = (): void => {
    if (document.visibilityState === 'visible') session.wake();
  };
  window.addEventListener('online', session.wake);
  document.addEventListener('visibilitychange', shown);
  return () => {
    window.removeEventListener('online', session.wake);
    document.removeEventListener('visibilitychange', shown);
  };
}
