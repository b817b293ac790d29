import type { IpcMainInvokeEvent, WebContents } from 'electron';

import { CALLS, type CallName, type CallResult, type NoticeName } from '../contract/calls.ts';
import type { Snapshot } from '../contract/snapshot.ts';
import type { Clock, Logger } from '../platform/ports.ts';
import type { SupervisorApi } from '../supervisor/supervisor-api.ts';
import type { ElectronApi } from './electron-api.ts';

const NOTICE_INTERVAL_MS = 100;
const SNAPSHOT_CHANGED: NoticeName = 'snapshot.changed';
const TEST_PROGRESSED: NoticeName = 'test.progressed';

/** Validates and answers one call from outside; never rejects. */
export type Answer = (
  api: SupervisorApi,
  call: { readonly name: CallName; readonly input: unknown },
  from: 'window',
) => Promise<CallResult<CallName>>;

export type NoticeTarget = Pick<WebContents, 'send'>;

export interface IpcHostDeps {
  readonly ipcMain: ElectronApi['ipcMain'];
  readonly api: SupervisorApi;
  readonly answer: Answer;
  /** Whether a frame with this address may make calls. */
  readonly trusted: (frameUrl: string) => boolean;
  /** The windows that are there now. */
  readonly targets: () => readonly NoticeTarget[];
  readonly clock: Clock;
  readonly log: Logger;
}

export interface IpcHost {
  /** Withdraws every handler and pushes nothing any more. */
  close(): void;
}

/** Serves the calls of the contract to our own pages, each on a channel of its own, and pushes the snapshot to them. */
export function createIpcHost(deps: IpcHostDeps): IpcHost {
  const names = (Object.keys(CALLS) as CallName[]).filter((name) => CALLS[name].window);
  for (const name of names) {
    deps.ipcMain.handle(name, (event, input: unknown) => {
      refuseStrangers(deps, event, name);
      return deps.answer(deps.api, { name, input }, 'window');
    });
  }
  const push = createPush(deps);
  const unsubscribe = deps.api.onChange((snapshot) => push.send(snapshot));
  const unsubscribeTests = deps.api.onTestProgress((report) => {
    for (const target of deps.targets()) target.send(TEST_PROGRESSED, report);
  });
  return {
    close: () => {
      unsubscribe();
      unsubscribeTests();
      push.close();
      for (const name of names) deps.ipcMain.removeHandler(name);
    },
  };
}

/** A page that was navigated away, an embedded frame or a frame that is gone has no say. */
function refuseStrangers({ trusted, log }: IpcHostDeps, { senderFrame }: IpcMainInvokeEvent, name: CallName): void {
  if (senderFrame !== null && senderFrame.parent === null && trusted(senderFrame.url)) return;
  log.warn('refused a call from a foreign frame', { name, isTopFrame: senderFrame?.parent === null });
  throw new TypeError('calls are only taken from the window of the app');
}

/** Passes on the newest snapshot at most once per interval; what was overtaken is never sent. */
function createPush({ targets, clock }: Pick<IpcHostDeps, 'targets' | 'clock'>) {
  let waiting: Snapshot | undefined;
  let cancelPause: (() => void) | undefined;
  const pauseOver = (): void => {
    cancelPause = undefined;
    if (waiting === undefined) return;
    const snapshot = waiting;
    waiting = undefined;
    send(snapshot);
  };
  const send = (snapshot: Snapshot): void => {
    if (cancelPause !== undefined) {
      waiting = snapshot;
      return;
    }
    cancelPause = clock.after(NOTICE_INTERVAL_MS, pauseOver);
    for (const target of targets()) target.send(SNAPSHOT_CHANGED, snapshot);
  };
  return { send, close: () => cancelPause?.() };
}
