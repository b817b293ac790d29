import { createStore, type StoreApi } from 'zustand/vanilla';

import type { Bridge, Unsubscribe } from '../../src-main/contract/calls.ts';
import type { ErrorInfo } from '../../src-main/contract/errors.ts';
import type { Snapshot } from '../../src-main/contract/snapshot.ts';
import { safeCall } from './safe-call.ts';

export type SnapshotState =
  | { readonly status: 'loading' }
  | { readonly status: 'ready'; readonly snapshot: Snapshot }
  | { readonly status: 'failed'; readonly error: ErrorInfo };

export type SnapshotStore = StoreApi<SnapshotState>;

export function createSnapshotStore(): SnapshotStore {
  return createStore<SnapshotState>(() => ({ status: 'loading' }));
}

/** Keeps the store a mirror of the supervisor. Nothing here guesses a state: whatever is shown was told. */
export function mirrorSnapshot(store: SnapshotStore, bridge: Bridge): Unsubscribe {
  const accept = (snapshot: Snapshot): void =>
    store.setState((known) => (isNewer(snapshot, known) ? { status: 'ready', snapshot } : known), true);
  // Listen first: a change between the snapshot and the subscription would be lost for ever.
  const unsubscribe = bridge.listen('snapshot.changed', accept);
  void safeCall(bridge, 'snapshot.get', undefined).then((result) => {
    if (result.ok) accept(result.value);
    else if (store.getState().status === 'loading') store.setState({ status: 'failed', error: result.error }, true);
  });
  return unsubscribe;
}

function isNewer(snapshot: Snapshot, known: SnapshotState): boolean {
  return known.status !== 'ready' || snapshot.revision > known.snapshot.revision;
}
