import { createStore, type StoreApi } from 'zustand/vanilla';

import type { ErrorInfo } from '../../src-main/contract/errors.ts';

/** The last thing a button could not do, shown at the top of the page until it is dismissed or something works. */
export interface FailureState {
  readonly error: ErrorInfo | undefined;
}

export type FailureStore = StoreApi<FailureState>;

export function createFailureStore(): FailureStore {
  return createStore<FailureState>(() => ({ error: undefined }));
}
