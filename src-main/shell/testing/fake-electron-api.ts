import type { BrowserWindowConstructorOptions, Menu, MenuItem, MenuItemConstructorOptions } from 'electron';

import type { ElectronApi } from '../electron-api.ts';
import type { FakeElectron } from './fake-electron.ts';
import { FakeEvent } from './fake-event.ts';
import { FakeMenu, FakeTray } from './fake-tray.ts';
import { FakeWindow } from './fake-window.ts';

/** The slice of Electron that the shell sees, as strict as the real one: it checks the order of calls too. */
export function fakeElectronApi(fake: FakeElectron): ElectronApi {
  return { ...appPart(fake), ...drawnPart(fake), ...systemPart(fake), ipcMain: fake.ipcMain };
}

function appPart(fake: FakeElectron): Pick<ElectronApi, 'app' | 'protocol' | 'session'> {
  return {
    app: {
      requestSingleInstanceLock: () => {
        fake.log.push('lock');
        return !fake.isSecond;
      },
      whenReady: () => fake.whenReady(),
      quit: () => void fake.quit(),
      exit: (code) => void fake.exits.push(code ?? 0),
      setActivationPolicy: (policy) => void fake.policies.push(policy),
      setAppUserModelId: () => undefined,
      on: (event: string, listener: (...args: never[]) => void) =>
        fake.appEvents.on(event, listener as (...args: unknown[]) => void),
    },
    protocol: {
      registerSchemesAsPrivileged: () => {
        if (fake.isReady) throw new Error('protocol.registerSchemesAsPrivileged should be called before app is ready');
        fake.log.push('schemes');
      },
      handle: (scheme, handler) => {
        fake.needReady('protocol.handle');
        if (fake.schemes.has(scheme)) throw new Error(`Failed to register protocol: ${scheme}`);
        fake.schemes.set(scheme, handler);
      },
    },
    session: {
      defaultSession: {
        setPermissionRequestHandler: () => void fake.log.push('permission requests'),
        setPermissionCheckHandler: () => void fake.log.push('permission checks'),
        setDevicePermissionHandler: () => void fake.log.push('device permissions'),
      },
    },
  };
}

function drawnPart(fake: FakeElectron): Pick<ElectronApi, 'Menu' | 'Tray' | 'BrowserWindow'> {
  return {
    Menu: {
      buildFromTemplate: (template: (MenuItemConstructorOptions | MenuItem)[]) =>
        new FakeMenu(template as MenuItemConstructorOptions[]) as unknown as Menu,
      setApplicationMenu: (menu) => {
        fake.appMenu = menu;
      },
    },
    Tray: class extends FakeTray {
      constructor(image: string) {
        fake.needReady('Tray');
        if (fake.hasNoTray) throw new Error('Failed to create the tray');
        super(image);
        fake.trays.push(this);
      }
    },
    BrowserWindow: class extends FakeWindow {
      constructor(options: BrowserWindowConstructorOptions) {
        fake.needReady('BrowserWindow');
        super(options);
        fake.windows.push(this);
        fake.appEvents.emit('web-contents-created', new FakeEvent(), this.webContents);
      }
    },
  };
}

function systemPart(
  fake: FakeElectron,
): Omit<ElectronApi, 'app' | 'protocol' | 'session' | 'ipcMain' | 'Menu' | 'Tray' | 'BrowserWindow'> {
  return {
    nativeTheme: { shouldUseDarkColors: false, on: () => undefined },
    powerMonitor: {
      on: (event: string, listener: (...args: never[]) => void) =>
        fake.powerEvents.on(event, listener as (...args: unknown[]) => void),
    },
    clipboard: {
      writeText: async (text) => {
        fake.clipboardText = text;
      },
    },
    shell: {
      openExternal: async (url) => void fake.opened.push(url),
      showItemInFolder: (file) => void fake.opened.push(file),
    },
    dialog: {
      showErrorBox: (title, content) => void fake.boxes.push(`${title}: ${content}`),
      showMessageBox: (async (options: { message: string; detail?: string }) => {
        fake.boxes.push(`${options.message}: ${options.detail ?? ''}`);
        return { response: 0, checkboxChecked: false };
      }) as unknown as ElectronApi['dialog']['showMessageBox'],
    },
    Notification: class {
      readonly #title: string;
      static isSupported = () => true;

      constructor({ title = '' }: { readonly title?: string }) {
        this.#title = title;
      }

      on(_event: 'click', listener: () => void): void {
        fake.noticeClicks.push(listener);
      }

      show(): void {
        fake.notices.push(this.#title);
      }
    },
    safeStorage: {
      isAsyncEncryptionAvailable: async () => false,
      encryptStringAsync: () => Promise.reject(new Error('Encryption is not available')),
      decryptStringAsync: () => Promise.reject(new Error('Encryption is not available')),
      getSelectedStorageBackend: () => 'unknown',
    },
    utilityProcess: {
      fork: () => {
        throw new Error('this fake starts no process');
      },
    },
  };
}
