import type { IpcRenderer, IpcRendererEvent } from 'electron';

import { CALLS, NOTICES, type Bridge } from '../src-main/contract/calls.ts';

/** The only code that sees both Electron and the page: no logic, no state, no Node. */
export function createBridge(ipc: Pick<IpcRenderer, 'invoke' | 'on' | 'removeListener'>): Bridge {
  return {
    surface: 'app',
    async call(name, input) {
      // The page must not reach a channel that is not a call of the contract.
      if (!Object.hasOwn(CALLS, name)) throw new TypeError('there is no such call');
      if (!CALLS[name].window) return { ok: false, error: { code: 'app/not-here', params: { call: name } } };
      return ipc.invoke(name, input);
    },
    listen(name, listener) {
      if (!Object.hasOwn(NOTICES, name)) throw new TypeError('there is no such notice');
      // The event holds a `sender`, which could send anything: it must not reach the page.
      const forward = (_event: IpcRendererEvent, notice: Parameters<typeof listener>[0]): void => listener(notice);
      ipc.on(name, forward);
      return () => {
        ipc.removeListener(name, forward);
      };
    },
  };
}
