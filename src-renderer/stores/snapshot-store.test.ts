import { describe, expect, it } from 'vitest';

import type { Bridge, CallResult } from '../../src-main/contract/calls.ts';
import type { Snapshot } from '../../src-main/contract/snapshot.ts';
import { createSnapshotStore, mirrorSnapshot } from './snapshot-store.ts';

const snapshot = (revision: number): Snapshot => ({
  revision,
  app: { version: '1', computer: 'laptop', startedAtMs: 0 },
  use: undefined,
  gateways: [],
  problems: [],
  events: [],
});

/** A bridge whose answer and notices are given by hand. */
function scripted() {
  const answer = Promise.withResolvers<CallResult<'snapshot.get'>>();
  const order: string[] = [];
  const listeners = new Set<(notice: Snapshot) => void>();
  const bridge: Bridge = {
    surface: 'app',
    call: (name) => {
      order.push(name);
      return answer.promise;
    },
    listen: (name, listener) => {
      order.push(name);
      const accept = listener as (notice: Snapshot) => void;
      listeners.add(accept);
      return () => listeners.delete(accept);
    },
  };
  const store = createSnapshotStore();
  const stop = mirrorSnapshot(store, bridge);
  return { answer, order, store, stop, listeners, tell: (next: Snapshot) => listeners.forEach((each) => each(next)) };
}

const settled = (): Promise<void> => Promise.resolve().then(() => undefined);

describe('the mirror of the snapshot', () => {
  it('listens before it asks', () => {
    expect(scripted().order).toEqual(['snapshot.changed', 'snapshot.get']);
  });

  it('does not let a late answer undo a newer change', async () => {
    const { answer, store, tell } = scripted();
    tell(snapshot(2));
    answer.resolve({ ok: true, value: snapshot(1) });
    await settled();
    expect(store.getState()).toEqual({ status: 'ready', snapshot: snapshot(2) });
  });

  it('shows why there is no snapshot', async () => {
    const { answer, store } = scripted();
    answer.reject(new Error('the channel is gone'));
    await expect
      .poll(() => store.getState())
      .toEqual({
        status: 'failed',
        error: { code: 'app/unexpected', params: { summary: 'Error' } },
      });
  });

  it('keeps what it was told when asking fails, and stops listening', async () => {
    const { answer, store, stop, listeners, tell } = scripted();
    tell(snapshot(1));
    answer.resolve({ ok: false, error: { code: 'app/not-running', params: {} } });
    await settled();
    expect(store.getState().status).toBe('ready');
    stop();
    expect(listeners.size).toBe(0);
  });
});
