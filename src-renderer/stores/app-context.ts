import { createContext, useCallback, useContext, useState, useSyncExternalStore } from 'react';
import { useStore } from 'zustand';

import type { Bridge, CallName, CallResult, Calls } from '../../src-main/contract/calls.ts';
import type { ErrorInfo } from '../../src-main/contract/errors.ts';
import type { FailureStore } from './failure-store.ts';
import { safeCall } from './safe-call.ts';
import type { SnapshotState, SnapshotStore } from './snapshot-store.ts';
import type { TickingClock } from './ticking-clock.ts';

/** What every part of the window may use. Made once, in `App`. */
export interface AppServices {
  readonly bridge: Bridge;
  readonly snapshots: SnapshotStore;
  readonly failures: FailureStore;
  readonly clock: TickingClock;
  /** Keys are written ⌘1 instead of Ctrl+1. */
  readonly apple: boolean;
  /** Forgets the token of this page; only where the page was served by a gateway. */
  readonly signOut: (() => void) | undefined;
}

export const AppContext = createContext<AppServices | undefined>(undefined);

export function useApp(): AppServices {
  const services = useContext(AppContext);
  if (services === undefined) throw new TypeError('rendered outside of App');
  return services;
}

export function useSnapshotState(): SnapshotState {
  return useStore(useApp().snapshots);
}

/** The time, once a second while the page is visible. */
export function useNow(): number {
  const { clock } = useApp();
  return useSyncExternalStore(clock.subscribe, clock.read);
}

export type Act = <C extends CallName>(name: C, input: Calls[C]['input']) => Promise<CallResult<C>>;

/** A call behind a plain button: a failure is shown at the top of the page. */
export function useAct(): Act {
  const { bridge, failures } = useApp();
  return useCallback(
    async (name, input) => {
      const result = await safeCall(bridge, name, input);
      failures.setState({ error: result.ok ? undefined : result.error });
      return result;
    },
    [bridge, failures],
  );
}

export interface Asking {
  readonly busy: boolean;
  readonly error: ErrorInfo | undefined;
  readonly ask: Act;
}

/** A call behind a form: busy and failure are shown where the person is. */
export function useAsk(): Asking {
  const { bridge } = useApp();
  const [state, setState] = useState<Pick<Asking, 'busy' | 'error'>>({ busy: false, error: undefined });
  const ask = useCallback<Act>(
    async (name, input) => {
      setState({ busy: true, error: undefined });
      const result = await safeCall(bridge, name, input);
      setState({ busy: false, error: result.ok ? undefined : result.error });
      return result;
    },
    [bridge],
  );
  return { ...state, ask };
}
