import { EventEmitter } from 'node:events';

import type { Notification } from './notification.ts';
import type { Tray } from './tray.ts';

type Display = Pick<Electron.Display, 'id' | 'bounds' | 'workArea' | 'scaleFactor'>;

const PRIMARY_DISPLAY: Display = {
  id: 1,
  bounds: { x: 0, y: 0, width: 1440, height: 900 },
  workArea: { x: 0, y: 0, width: 1440, height: 860 },
  scaleFactor: 1,
};

/** The answers the double's system gives, for a test to change. */
export interface SystemState {
  readonly online: boolean;
  readonly systemDark: boolean;
  encryptionAvailable: boolean;
  onBattery: boolean;
  cursor: Electron.Point;
  displays: Display[];
  /** What every dialog answers. */
  dialog: { response: number; checkboxChecked: boolean; canceled: boolean; filePaths: string[] };
}

export interface ShownDialog {
  readonly kind: 'message' | 'error' | 'open' | 'save';
  readonly options: unknown;
}

export const changes = new EventEmitter<{ online: [boolean]; systemDark: [boolean] }>();

const state = {
  online: true,
  systemDark: false,
  encryptionAvailable: true,
  onBattery: false,
  cursor: { x: 10, y: 10 },
  displays: [PRIMARY_DISPLAY],
  dialog: { response: 0, checkboxChecked: false, canceled: true, filePaths: [] as string[] },
};

/**
 * What a test can read and steer through `globalThis.__electronDouble`. The app never imports this;
 * the real Electron has nothing like it.
 */
export const controls = {
  state: state satisfies SystemState as SystemState,
  trays: [] as Tray[],
  notifications: [] as Notification[],
  dialogs: [] as ShownDialog[],
  /** Addresses and paths handed to `shell`. */
  opened: [] as string[],
  shortcuts: new Map<string, () => void>(),
  protocolClients: new Set<string>(),
  /** Messages that found no page to receive them. */
  dropped: [] as string[],
  pressShortcut(accelerator: string): void {
    const action = controls.shortcuts.get(accelerator);
    if (action === undefined) throw new Error(`No shortcut ${accelerator} is registered.`);
    action();
  },
  setOnline(online: boolean): void {
    state.online = online;
    changes.emit('online', online);
  },
  setSystemDark(dark: boolean): void {
    state.systemDark = dark;
    changes.emit('systemDark', dark);
  },
};

export type DoubleControls = typeof controls;

Object.defineProperty(globalThis, '__electronDouble', { value: controls });
