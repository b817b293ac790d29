import { useEffect, useMemo, type ReactNode } from 'react';

import type { Bridge } from '../src-main/contract/calls.ts';
import { describeError } from '../src-main/contract/errors.ts';
import { ErrorBoundary } from './features/shell/ErrorBoundary.tsx';
import { Shell } from './features/shell/Shell.tsx';
import { AppContext, useSnapshotState, type AppServices } from './stores/app-context.ts';
import { createFailureStore } from './stores/failure-store.ts';
import { createSnapshotStore, mirrorSnapshot } from './stores/snapshot-store.ts';
import { createPageClock } from './stores/ticking-clock.ts';
import { Glyph } from './ui/Glyph.tsx';

interface AppProps {
  readonly bridge: Bridge;
  readonly signOut?: () => void;
}

/** The Control UI on any bridge: Electron's, or the gateway's own socket in a browser. */
export function App({ bridge, signOut }: AppProps): ReactNode {
  const services = useMemo<AppServices>(
    () => ({
      bridge,
      snapshots: createSnapshotStore(),
      failures: createFailureStore(),
      clock: createPageClock(),
      apple: navigator.userAgent.includes('Mac'),
      signOut,
    }),
    [bridge, signOut],
  );
  useEffect(() => mirrorSnapshot(services.snapshots, bridge), [services, bridge]);
  return (
    <ErrorBoundary>
      <AppContext value={services}>
        <Window />
      </AppContext>
    </ErrorBoundary>
  );
}

function Window(): ReactNode {
  const state = useSnapshotState();
  if (state.status === 'ready') return <Shell snapshot={state.snapshot} />;
  if (state.status === 'loading') return <Loading />;
  const { title, body, next } = describeError(state.error);
  return (
    <main className="alone">
      <section className="card stack" role="alert">
        <h1>{title}</h1>
        <p className="soft">
          {body} {next}
        </p>
        <div className="row">
          <button type="button" className="btn primary" onClick={() => window.location.reload()}>
            Try now
          </button>
        </div>
      </section>
    </main>
  );
}

/** Appears only when it takes long enough to be noticed. */
function Loading(): ReactNode {
  return (
    <main className="alone slow" aria-busy>
      <p className="row soft" role="status">
        <Glyph name="connecting" state="connecting" />
        Asking Gangway how things are
      </p>
    </main>
  );
}
