import type { RenderProcessGoneDetails } from 'electron';

import type { Clock, Logger } from '../platform/ports.ts';
import { isAppPage, pageUrl } from './app-address.ts';
import type { AppWindow, ElectronApi } from './electron-api.ts';
import type { NoticeTarget } from './ipc-host.ts';
import type { WindowRoute } from './window-route.ts';

/** The ground colour of the page, so that a window never flashes in another one. */
const GROUND = { light: '#edf0f2', dark: '#0f1316' };

/** A page that crashes again within this time is not opened again by itself. */
const CRASH_PAUSE_MS = 60_000;

export interface WindowDeps {
  readonly electron: Pick<ElectronApi, 'BrowserWindow' | 'nativeTheme'>;
  readonly clock: Clock;
  readonly log: Logger;
  /** File of the preload script. */
  readonly preload: string;
  /** File of the icon, for the systems that show it in the window. */
  readonly icon: string;
  /** What closing does: with a tray the app stays, without one nobody could get it back. */
  readonly onClose: 'hide' | 'quit';
  readonly onVisible: (isVisible: boolean) => void;
  readonly quit: () => void;
}

/** Keeps the one Control UI window: makes it when it is asked for, hides it when it is closed. */
export class WindowKeeper {
  readonly #deps: WindowDeps;
  #window: AppWindow | undefined;
  #title = 'Gangway';
  #isClosing = false;
  #lastCrashMs = -Infinity;

  constructor(deps: WindowDeps) {
    this.#deps = deps;
    deps.electron.nativeTheme.on('updated', () => this.#window?.setBackgroundColor(this.#ground()));
  }

  /** Shows the window in front of the others, at `route` or where it was. */
  open(route?: WindowRoute): void {
    if (this.#isClosing) return;
    const window = this.#window;
    if (window === undefined) return this.#create(route ?? '/');
    if (route !== undefined) this.#load(window, route);
    if (window.isMinimized()) window.restore();
    window.show();
    window.focus();
  }

  /** Names the window after the gateway in use. */
  setGateway(name: string | undefined): void {
    const title = name === undefined ? 'Gangway' : `${name} — Gangway`;
    if (title === this.#title) return;
    this.#title = title;
    this.#window?.setTitle(title);
  }

  get isVisible(): boolean {
    return this.#window?.isVisible() === true;
  }

  /** Whom to send notices to. */
  get live(): readonly NoticeTarget[] {
    return this.#window === undefined ? [] : [this.#window.webContents];
  }

  /** Whether a frame with this address may make calls. */
  isTrusted(frameUrl: string): boolean {
    return isAppPage(frameUrl);
  }

  /** Closes the window for good; from now on none is opened. */
  close(): void {
    this.#isClosing = true;
    this.#window?.destroy();
  }

  #create(route: WindowRoute): void {
    const window = new this.#deps.electron.BrowserWindow({
      width: 1120,
      height: 720,
      minWidth: 420,
      minHeight: 480,
      show: false,
      title: this.#title,
      icon: this.#deps.icon,
      backgroundColor: this.#ground(),
      webPreferences: {
        preload: this.#deps.preload,
        sandbox: true,
        contextIsolation: true,
        nodeIntegration: false,
        webSecurity: true,
        webviewTag: false,
        spellcheck: false,
      },
    });
    this.#window = window;
    this.#listen(window);
    this.#load(window, route);
  }

  #listen(window: AppWindow): void {
    window.once('ready-to-show', () => window.show());
    window.on('page-title-updated', (event) => event.preventDefault());
    window.on('show', () => this.#deps.onVisible(true));
    window.on('hide', () => this.#deps.onVisible(false));
    window.on('close', (event) => this.#closeRequested(window, event));
    window.on('closed', () => {
      if (this.#window !== window) return;
      this.#window = undefined;
      this.#deps.onVisible(false);
    });
    window.webContents.on('render-process-gone', (_event, details) => this.#crashed(window, details));
  }

  #closeRequested(window: AppWindow, event: { preventDefault(): void }): void {
    if (this.#isClosing) return;
    event.preventDefault();
    if (this.#deps.onClose === 'hide') window.hide();
    else this.#deps.quit();
  }

  #crashed(window: AppWindow, { reason, exitCode }: RenderProcessGoneDetails): void {
    if (this.#isClosing || window.isDestroyed()) return;
    this.#deps.log.error('the page of the window ended', { reason, exitCode });
    const wasVisible = window.isVisible();
    const nowMs = this.#deps.clock.now();
    const isFirst = nowMs - this.#lastCrashMs > CRASH_PAUSE_MS;
    this.#lastCrashMs = nowMs;
    window.destroy();
    if (wasVisible && isFirst) this.open();
  }

  #load(window: AppWindow, route: WindowRoute): void {
    window.loadURL(pageUrl(route)).catch((error: unknown) => {
      // A second route while the first one loads ends the first; that is not a fault.
      if (!window.isDestroyed()) this.#deps.log.warn('the page was not loaded', { error });
    });
  }

  #ground(): string {
    return this.#deps.electron.nativeTheme.shouldUseDarkColors ? GROUND.dark : GROUND.light;
  }
}
