import type { IpcRenderer } from 'electron';
import { expect, it } from 'vitest';

import type { CallName, NoticeName } from '../src-main/contract/calls.ts';
import type { Snapshot } from '../src-main/contract/snapshot.ts';
import { createBridge } from './bridge.ts';

/** As much of `ipcRenderer` as the bridge sees. */
class FakeIpc {
  readonly invoked: unknown[] = [];
  readonly listeners = new Map<string, (...args: unknown[]) => void>();

  async invoke(...args: unknown[]): Promise<unknown> {
    this.invoked.push(args);
    return { ok: true, value: undefined };
  }

  on(channel: string, listener: (...args: unknown[]) => void): void {
    this.listeners.set(channel, listener);
  }

  removeListener(channel: string, listener: (...args: unknown[]) => void): void {
    if (this.listeners.get(channel) === listener) this.listeners.delete(channel);
  }
}

function setUp() {
  const ipc = new FakeIpc();
  const bridge = createBridge(ipc as unknown as Pick<IpcRenderer, 'invoke' | 'on' | 'removeListener'>);
  return { bridge, ipc, invoked: ipc.invoked };
}

it('passes a call on under its own name', async () => {
  const { bridge, invoked } = setUp();
  expect(await bridge.call('gateway.off', undefined)).toEqual({ ok: true, value: undefined });
  expect(invoked).toEqual([['gateway.off', undefined]]);
});

it('answers a call that is not for windows without asking', async () => {
  const { bridge, invoked } = setUp();
  expect(await bridge.call('gateway.env', undefined)).toMatchObject({ ok: false, error: { code: 'app/not-here' } });
  expect(invoked).toEqual([]);
});

it.each(['app.quit', 'constructor', '__proto__', 'hasOwnProperty', ''])(
  'reaches no channel called %j',
  async (name) => {
    const { bridge, invoked, ipc } = setUp();
    await expect(bridge.call(name as CallName, undefined)).rejects.toThrow(TypeError);
    expect(() => bridge.listen(name as NoticeName, () => undefined)).toThrow(TypeError);
    expect([invoked.length, ipc.listeners.size]).toEqual([0, 0]);
  },
);

it('hands the notice to the page and never the event', () => {
  const { bridge, ipc } = setUp();
  const heard: unknown[][] = [];
  const stop = bridge.listen('snapshot.changed', (...args: [Snapshot]) => heard.push(args));
  ipc.listeners.get('snapshot.changed')?.({ sender: 'all of Electron' }, { revision: 2 });
  stop();
  expect(heard).toEqual([[{ revision: 2 }]]);
  expect(ipc.listeners.size).toBe(0);
});

it('shows the page three things', () => {
  expect(Object.keys(setUp().bridge).toSorted()).toEqual(['call', 'listen', 'surface']);
});
