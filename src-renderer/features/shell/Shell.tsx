import { useEffect, useRef, type ReactNode } from 'react';
import { useStore } from 'zustand';

import { gatewayInUse, type Snapshot } from '../../../src-main/contract/snapshot.ts';
import { useApp } from '../../stores/app-context.ts';
import { usePlace, type Place } from '../../stores/place.ts';
import { Notice } from '../../ui/Notice.tsx';
import { ExposurePage } from '../exposure/ExposurePage.tsx';
import { GatewaysPage } from '../gateways/GatewaysPage.tsx';
import { OverviewPage } from '../overview/OverviewPage.tsx';
import { SignInDialogs } from '../sign-in/SignInDialog.tsx';
import { announcement } from './line-words.ts';
import { LiveRegion } from './LiveRegion.tsx';
import { Sidebar } from './Sidebar.tsx';
import { useShortcuts } from './use-shortcuts.ts';

/** The window around every page. */
export function Shell({ snapshot }: { readonly snapshot: Snapshot }): ReactNode {
  const { bridge } = useApp();
  const wanted = usePlace();
  const place = bridge.surface === 'app' ? wanted : 'overview';
  const page = useFocusOnChange(place);
  const gateway = gatewayInUse(snapshot);
  useShortcuts();
  useEffect(() => {
    document.title = gateway === undefined ? 'Gangway' : `${gateway.name} · Gangway`;
  }, [gateway]);
  return (
    <div className="shell">
      <a
        className="btn skip"
        href="#page"
        onClick={(event) => {
          event.preventDefault();
          page.current?.focus();
        }}
      >
        Skip to the page
      </a>
      <div className="app">
        <Sidebar snapshot={snapshot} place={place} />
        <main className="page" id="page" tabIndex={-1} ref={page}>
          <div className="in">
            <Notices snapshot={snapshot} />
            <Page place={place} snapshot={snapshot} />
          </div>
        </main>
      </div>
      {bridge.surface === 'app' ? <SignInDialogs snapshot={snapshot} /> : undefined}
      <LiveRegion text={announcement(gateway)} />
    </div>
  );
}

function Page({ place, snapshot }: { readonly place: Place; readonly snapshot: Snapshot }): ReactNode {
  switch (place) {
    case 'overview':
      return <OverviewPage snapshot={snapshot} />;
    case 'exposure':
      return <ExposurePage snapshot={snapshot} />;
    case 'gateways':
      return <GatewaysPage snapshot={snapshot} />;
  }
}

/** What is wrong with the app itself, and what the last button could not do. */
function Notices({ snapshot }: { readonly snapshot: Snapshot }): ReactNode {
  const { failures } = useApp();
  const { error } = useStore(failures);
  if (error === undefined && snapshot.problems.length === 0) return undefined;
  return (
    <section className="notices" aria-label="Problems">
      <div role="alert">
        {error === undefined ? undefined : (
          <Notice error={error}>
            <button type="button" className="btn" onClick={() => failures.setState({ error: undefined })}>
              Dismiss
            </button>
          </Notice>
        )}
      </div>
      {snapshot.problems.map((problem) => (
        <Notice key={JSON.stringify(problem)} error={problem} />
      ))}
    </section>
  );
}

/** A link to another place moves the focus there, as a page load would. */
function useFocusOnChange(place: Place) {
  const page = useRef<HTMLElement>(null);
  const shown = useRef(place);
  useEffect(() => {
    if (shown.current !== place) page.current?.focus();
    shown.current = place;
  }, [place]);
  return page;
}
