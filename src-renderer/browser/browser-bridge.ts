import type { Bridge, CallName, CallResult } from '../../src-main/contract/calls.ts';
import type { Snapshot } from '../../src-main/contract/snapshot.ts';
import type { BrowserSession } from './browser-session.ts';
import { toSnapshot, type PageFacts } from './browser-snapshot.ts';

/** The bridge of a page that a gateway serves. What needs the desktop app is refused as such. */
export function createBrowserBridge(session: BrowserSession, page: PageFacts): Bridge {
  const snapshot = (): Snapshot => toSnapshot(session.read(), page);
  const answer = (name: CallName): CallResult<CallName> => {
    if (name === 'snapshot.get') return { ok: true, value: snapshot() };
    if (name !== 'gateway.retry') return { ok: false, error: { code: 'app/not-here', params: { call: name } } };
    session.retry();
    return { ok: true, value: undefined };
  };
  return {
    surface: 'browser',
    call: async (name) => answer(name),
    listen: (name, listener) => {
      if (name !== 'snapshot.changed') return () => undefined;
      const changed = listener as (snapshot: Snapshot) => void;
      return session.subscribe(() => changed(snapshot()));
    },
  };
}
