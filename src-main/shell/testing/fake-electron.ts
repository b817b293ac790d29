import { EventEmitter } from 'node:events';

import type { Menu } from 'electron';

import type { ElectronApi } from '../electron-api.ts';
import { fakeElectronApi } from './fake-electron-api.ts';
import { FakeEvent } from './fake-event.ts';
import { FakeIpcMain } from './fake-ipc-main.ts';
import type { FakeTray } from './fake-tray.ts';
import type { FakeWindow } from './fake-window.ts';

export type SchemeHandler = (request: Request) => Promise<Response> | Response;

/** A whole Electron of the size of `ElectronApi`, without a display. */
export class FakeElectron {
  readonly ipcMain = new FakeIpcMain();
  readonly trays: FakeTray[] = [];
  readonly windows: FakeWindow[] = [];
  readonly schemes = new Map<string, SchemeHandler>();
  readonly opened: string[] = [];
  readonly boxes: string[] = [];
  readonly notices: string[] = [];
  readonly noticeClicks: (() => void)[] = [];
  readonly exits: number[] = [];
  readonly policies: string[] = [];
  readonly appEvents = new EventEmitter();
  readonly powerEvents = new EventEmitter();
  readonly log: string[] = [];
  clipboardText = '';
  appMenu: Menu | null | undefined;
  isReady = false;
  /** Another app of this user holds the lock. */
  isSecond = false;
  /** The desktop has no place for a tray. */
  hasNoTray = false;
  readonly api: ElectronApi = fakeElectronApi(this);
  readonly #whenReady = Promise.withResolvers<void>();

  /** Electron becomes ready. */
  ready(): void {
    this.isReady = true;
    this.#whenReady.resolve();
  }

  /** What the operating system or `app.quit()` sets off. */
  quit(): FakeEvent {
    this.log.push('quit');
    const event = new FakeEvent();
    this.appEvents.emit('before-quit', event);
    return event;
  }

  needReady(what: string): void {
    if (!this.isReady) throw new Error(`${what} cannot be used before the app is ready`);
  }

  whenReady(): Promise<void> {
    return this.#whenReady.promise;
  }
}
