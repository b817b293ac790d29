import type {
  App,
  BrowserWindow,
  BrowserWindowConstructorOptions,
  Clipboard,
  Dialog,
  Event,
  IpcMain,
  Menu,
  MenuItem,
  MenuItemConstructorOptions,
  NativeTheme,
  Notification,
  NotificationConstructorOptions,
  Protocol,
  RenderProcessGoneDetails,
  SafeStorage,
  Session,
  Shell,
  Tray,
  utilityProcess,
  WebContents,
} from 'electron';

/*
 * Exactly what the shell needs of Electron, cut from the real types: the `electron` module itself fits, and an
 * upgrade that changes a signature breaks the build instead of the user. Where Electron overloads `on` for dozens
 * of events, only the ones in use are named, so that a fake can be written down.
 */
export interface ElectronApi {
  readonly app: AppApi;
  readonly protocol: Pick<Protocol, 'handle' | 'registerSchemesAsPrivileged'>;
  readonly session: { readonly defaultSession: SessionApi };
  readonly ipcMain: Pick<IpcMain, 'handle' | 'removeHandler'>;
  readonly Menu: {
    buildFromTemplate(template: (MenuItemConstructorOptions | MenuItem)[]): Menu;
    setApplicationMenu(menu: Menu | null): void;
  };
  readonly Tray: new (image: string) => TrayApi;
  readonly BrowserWindow: new (options: BrowserWindowConstructorOptions) => AppWindow;
  readonly nativeTheme: Pick<NativeTheme, 'shouldUseDarkColors'> & {
    on(event: 'updated', listener: () => void): unknown;
  };
  readonly powerMonitor: PowerApi;
  readonly clipboard: Pick<Clipboard, 'writeText'>;
  readonly shell: Pick<Shell, 'openExternal' | 'showItemInFolder'>;
  readonly dialog: Pick<Dialog, 'showErrorBox' | 'showMessageBox'>;
  readonly Notification: {
    new (options: Pick<NotificationConstructorOptions, 'title' | 'body'>): NotificationApi;
    isSupported(): boolean;
  };
  readonly safeStorage: SafeStorageApi;
  readonly utilityProcess: Pick<typeof utilityProcess, 'fork'>;
}

export interface NotificationApi extends Pick<Notification, 'show'> {
  on(event: 'click', listener: () => void): unknown;
}

export interface AppApi extends Pick<
  App,
  'requestSingleInstanceLock' | 'whenReady' | 'quit' | 'exit' | 'setActivationPolicy' | 'setAppUserModelId'
> {
  on(event: 'before-quit', listener: (event: Event) => void): unknown;
  on(event: 'window-all-closed', listener: () => void): unknown;
  on(event: 'activate', listener: () => void): unknown;
  on(event: 'second-instance', listener: () => void): unknown;
  on(event: 'web-contents-created', listener: (event: Event, contents: GuardedContents) => void): unknown;
}

export type SessionApi = Pick<
  Session,
  'setPermissionRequestHandler' | 'setPermissionCheckHandler' | 'setDevicePermissionHandler'
>;

export interface TrayApi extends Pick<Tray, 'setImage' | 'setToolTip' | 'setContextMenu' | 'destroy'> {
  on(event: 'click', listener: () => void): unknown;
}

/** What has to be locked down on every page, whoever made it. */
export interface GuardedContents extends Pick<WebContents, 'setWindowOpenHandler'> {
  on(event: 'will-attach-webview', listener: (event: Event) => void): unknown;
  on(event: 'will-navigate', listener: (details: NavigationDetails) => void): unknown;
  on(event: 'will-frame-navigate', listener: (details: NavigationDetails) => void): unknown;
  on(event: 'will-redirect', listener: (details: NavigationDetails) => void): unknown;
}

export interface NavigationDetails extends Pick<Event, 'preventDefault'> {
  readonly url: string;
  readonly isMainFrame: boolean;
}

export interface AppWindow extends Pick<
  BrowserWindow,
  | 'loadURL'
  | 'show'
  | 'hide'
  | 'focus'
  | 'isVisible'
  | 'isMinimized'
  | 'isDestroyed'
  | 'restore'
  | 'destroy'
  | 'setTitle'
  | 'setBackgroundColor'
> {
  readonly webContents: Pick<WebContents, 'send'> & {
    on(event: 'render-process-gone', listener: (event: Event, details: RenderProcessGoneDetails) => void): unknown;
  };
  on(event: 'close', listener: (event: Pick<Event, 'preventDefault'>) => void): unknown;
  on(event: 'page-title-updated', listener: (event: Pick<Event, 'preventDefault'>) => void): unknown;
  on(event: 'closed', listener: () => void): unknown;
  on(event: 'show', listener: () => void): unknown;
  on(event: 'hide', listener: () => void): unknown;
  once(event: 'ready-to-show', listener: () => void): unknown;
}

export interface PowerApi {
  on(event: 'suspend', listener: () => void): unknown;
  on(event: 'resume', listener: () => void): unknown;
  /** macOS and Linux only. The types know nothing of the event, the documentation does. */
  on(event: 'shutdown', listener: (event?: Pick<Event, 'preventDefault'>) => void): unknown;
}

export type SafeStorageApi = Pick<
  SafeStorage,
  'isAsyncEncryptionAvailable' | 'encryptStringAsync' | 'decryptStringAsync' | 'getSelectedStorageBackend'
>;
