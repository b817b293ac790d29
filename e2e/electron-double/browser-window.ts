import { allWindowsClosed, app } from './app.ts';
import { openWindows } from './open-windows.ts';
import { preventableEvent } from './preventable-event.ts';
import { readiness } from './readiness.ts';
import { StrictEmitter } from './strict.ts';
import { WebContents } from './web-contents.ts';

type Implemented =
  | 'blur'
  | 'center'
  | 'close'
  | 'destroy'
  | 'flashFrame'
  | 'focus'
  | 'getBounds'
  | 'getSize'
  | 'getTitle'
  | 'hide'
  | 'id'
  | 'isDestroyed'
  | 'isFocused'
  | 'isMinimized'
  | 'isVisible'
  | 'loadFile'
  | 'loadURL'
  | 'minimize'
  | 'moveTop'
  | 'removeMenu'
  | 'restore'
  | 'setAlwaysOnTop'
  | 'setBackgroundColor'
  | 'setBounds'
  | 'setIcon'
  | 'setMenu'
  | 'setMenuBarVisibility'
  | 'setPosition'
  | 'setProgressBar'
  | 'setSize'
  | 'setSkipTaskbar'
  | 'setTitle'
  | 'setVisibleOnAllWorkspaces'
  | 'show'
  | 'showInactive';

/** A window as the app sees it: state and events. Nothing is drawn but the page. */
export class BrowserWindow extends StrictEmitter implements Pick<Electron.BrowserWindow, Implemented> {
  readonly id: number;
  readonly webContents: WebContents;
  readonly #bounds: Electron.Rectangle;
  #title: string;
  #isVisible: boolean;
  #isMinimized = false;
  #isDestroyed = false;

  constructor(options: Electron.BrowserWindowConstructorOptions = {}) {
    super();
    readiness.require('Cannot create BrowserWindow before app is ready');
    const { x = 0, y = 0, width = 800, height = 600 } = options;
    this.#bounds = { x, y, width, height };
    this.#title = options.title ?? app.getName();
    this.#isVisible = options.show !== false;
    this.webContents = new WebContents(this, options.webPreferences ?? {});
    this.id = this.webContents.id;
    openWindows.windows.add(this);
    if (this.#isVisible) openWindows.focused = this;
    app.emit('browser-window-created', {}, this);
    app.emit('web-contents-created', {}, this.webContents);
  }

  static getAllWindows(): BrowserWindow[] {
    return [...openWindows.windows];
  }

  static getFocusedWindow(): BrowserWindow | null {
    return openWindows.focused ?? null;
  }

  static fromWebContents(contents: unknown): BrowserWindow | null {
    return BrowserWindow.getAllWindows().find((window) => window.webContents === contents) ?? null;
  }

  static fromId(id: number): BrowserWindow | null {
    return BrowserWindow.getAllWindows().find((window) => window.id === id) ?? null;
  }

  loadURL(url: string): Promise<void> {
    this.#requireAlive();
    return this.webContents.loadURL(url);
  }

  loadFile(file: string): Promise<void> {
    this.#requireAlive();
    return this.webContents.loadFile(file);
  }

  show(): void {
    this.showInactive();
    this.focus();
  }

  showInactive(): void {
    this.#requireAlive();
    if (this.#isVisible) return;
    this.#isVisible = true;
    this.emit('show', {});
  }

  hide(): void {
    this.#requireAlive();
    if (!this.#isVisible) return;
    this.#isVisible = false;
    this.blur();
    this.emit('hide', {});
  }

  focus(): void {
    this.#requireAlive();
    if (openWindows.focused === this) return;
    openWindows.focused?.blur();
    openWindows.focused = this;
    this.emit('focus', {});
    app.emit('browser-window-focus', {}, this);
    void this.webContents.page?.bringToFront().catch(() => undefined);
  }

  blur(): void {
    if (openWindows.focused !== this) return;
    openWindows.focused = undefined;
    this.emit('blur', {});
    app.emit('browser-window-blur', {}, this);
  }

  close(): void {
    if (this.#isDestroyed) return;
    const event = preventableEvent({});
    this.emit('close', event);
    if (!event.defaultPrevented) this.destroy();
  }

  destroy(): void {
    if (this.#isDestroyed) return;
    this.blur();
    this.#isDestroyed = true;
    openWindows.windows.delete(this);
    this.webContents.markDestroyed();
    this.emit('closed');
    if (openWindows.windows.size === 0) allWindowsClosed();
  }

  minimize(): void {
    this.#requireAlive();
    this.#isMinimized = true;
    this.emit('minimize', {});
  }

  restore(): void {
    this.#requireAlive();
    this.#isMinimized = false;
    this.emit('restore', {});
  }

  setBounds(bounds: Partial<Electron.Rectangle>): void {
    this.#requireAlive();
    Object.assign(this.#bounds, bounds);
    void this.webContents.applySize();
    this.emit('resize', {});
  }

  setSize(width: number, height: number): void {
    this.setBounds({ width, height });
  }

  setPosition(x: number, y: number): void {
    this.setBounds({ x, y });
  }

  getBounds(): Electron.Rectangle {
    return { ...this.#bounds };
  }

  getSize(): number[] {
    return [this.#bounds.width, this.#bounds.height];
  }

  getTitle(): string {
    return this.#title;
  }

  setTitle(title: string): void {
    this.#requireAlive();
    this.#title = title;
  }

  /** The page has a title; the app may keep its own. */
  adoptTitle(title: string): void {
    const event = preventableEvent({});
    this.emit('page-title-updated', event, title, true);
    if (!event.defaultPrevented) this.#title = title;
  }

  isVisible(): boolean {
    return this.#isVisible && !this.#isDestroyed;
  }

  isFocused(): boolean {
    return openWindows.focused === this;
  }

  isMinimized(): boolean {
    return this.#isMinimized;
  }

  isDestroyed(): boolean {
    return this.#isDestroyed;
  }

  // What only a window manager could show is accepted and forgotten.
  center(): void {}
  flashFrame(): void {}
  moveTop(): void {}
  removeMenu(): void {}
  setAlwaysOnTop(): void {}
  setBackgroundColor(): void {}
  setIcon(): void {}
  setMenu(): void {}
  setMenuBarVisibility(): void {}
  setProgressBar(): void {}
  setSkipTaskbar(): void {}
  setVisibleOnAllWorkspaces(): void {}

  #requireAlive(): void {
    if (this.#isDestroyed) throw new TypeError('Object has been destroyed');
  }
}
