import { resolve } from 'node:path';
import { execPath } from 'node:process';
import { pathToFileURL } from 'node:url';
import type { CDPSession, Page } from 'playwright-core';

import { bootFacts } from './boot-facts.ts';
import type { BrowserWindow } from './browser-window.ts';
import { toCarried, toOriginal } from './custom-schemes.ts';
import { IpcHost } from './ipc-main.ts';
import { NativeImage } from './native-image.ts';
import { nativeTheme } from './native-theme.ts';
import { openWindows } from './open-windows.ts';
import { answerPageMessage } from './page-messages.ts';
import { codec, PageLink } from './page-link.ts';
import { track } from './pending-work.ts';
import { Session } from './session.ts';
import { strict, StrictEmitter } from './strict.ts';
import { safePreferences } from './web-preferences.ts';

type WindowOpenHandler = Parameters<Electron.WebContents['setWindowOpenHandler']>[0];
type Implemented =
  | 'capturePage'
  | 'close'
  | 'closeDevTools'
  | 'executeJavaScript'
  | 'focus'
  | 'getTitle'
  | 'getURL'
  | 'id'
  | 'isCrashed'
  | 'isDestroyed'
  | 'isDevToolsOpened'
  | 'isFocused'
  | 'isLoading'
  | 'loadFile'
  | 'loadURL'
  | 'openDevTools'
  | 'reload'
  | 'send'
  | 'setBackgroundThrottling'
  | 'setWindowOpenHandler'
  | 'setZoomFactor';

/** The frame of a message, as an app checks it: address and origin are the app's own, not the carried ones. */
type FrameFacts = Pick<Electron.WebFrameMain, 'origin' | 'parent' | 'processId' | 'routingId' | 'url'>;

let lastId = 0;

/** A page of the double's Chromium. The page is created in the background: `created` tells when. */
export class WebContents extends StrictEmitter implements Pick<Electron.WebContents, Implemented> {
  readonly id: number;
  readonly session: Session;
  readonly ipc = new IpcHost();
  /** Popups that `window.open` made; they are closed at once and load nothing. */
  readonly popups = new Set<Page>();
  readonly created: Promise<PageLink>;
  readonly #owner: BrowserWindow;
  readonly #preferences: Electron.WebPreferences;
  /** Addresses the app itself asked for: only other navigations are announced. */
  readonly #expected = new Set<string>();
  #link: PageLink | undefined;
  #isDestroyed = false;
  #isCrashed = false;
  #isLoading = false;
  #windowOpenHandler: WindowOpenHandler = () => ({ action: 'allow' });

  constructor(owner: BrowserWindow, wanted: Electron.WebPreferences) {
    super();
    this.#preferences = safePreferences(wanted);
    lastId += 1;
    this.id = lastId;
    this.#owner = owner;
    this.session = (wanted.session as unknown as Session | undefined) ?? Session.of(wanted.partition ?? '');
    openWindows.contents.add(this);
    this.created = track(this.#create());
    this.created.catch((error: unknown) => {
      if (!this.#isDestroyed) console.error(error);
    });
  }

  static fromId(id: number): WebContents | undefined {
    return WebContents.getAllWebContents().find((contents) => contents.id === id);
  }

  static fromDevToolsTargetId(targetId: string): WebContents | undefined {
    return WebContents.getAllWebContents().find((contents) => contents.targetId === targetId);
  }

  static getAllWebContents(): WebContents[] {
    return [...openWindows.contents];
  }

  static getFocusedWebContents(): WebContents | null {
    return openWindows.focused?.webContents ?? null;
  }

  get page(): Page | undefined {
    return this.#link?.page;
  }

  get targetId(): string {
    return this.#link?.targetId ?? '';
  }

  get permissionSubject(): Electron.WebContents {
    return this as unknown as Electron.WebContents;
  }

  get mainFrame(): FrameFacts {
    const url = this.getURL();
    const origin = /^[\w+-]+:\/\/[^/]*/.exec(url)?.[0] ?? 'null';
    return strict<FrameFacts>('webFrameMain', { url, origin, parent: null, processId: 1, routingId: 1 });
  }

  get navigationHistory(): Pick<Electron.NavigationHistory, 'canGoBack' | 'canGoForward'> {
    return strict('navigationHistory', { canGoBack: () => false, canGoForward: () => false });
  }

  send(channel: string, ...args: unknown[]): void {
    this.#requireAlive();
    const text = codec.encode(args);
    void track(this.created.then((link) => link.deliver('event', channel, text))).catch(() => undefined);
  }

  async loadURL(url: string): Promise<void> {
    this.#requireAlive();
    const { page } = await this.created;
    const carried = toCarried(url);
    this.#expected.add(carried);
    this.#startLoading();
    try {
      await page.goto(carried, { waitUntil: 'load' });
    } catch (error) {
      throw this.#loadFailure(url, error);
    }
  }

  loadFile(file: string): Promise<void> {
    return this.loadURL(pathToFileURL(resolve(bootFacts.root, file)).href);
  }

  reload(): void {
    this.#requireAlive();
    if (this.page === undefined) return;
    this.#expected.add(this.page.url());
    this.#startLoading();
    void track(this.page.reload()).catch(() => undefined);
  }

  /** Takes back the permission that `loadURL` gave; a second navigation to the same address is the page's own. */
  takeExpected(carried: string): boolean {
    return this.#expected.delete(carried);
  }

  getURL(): string {
    return toOriginal(this.page?.url() ?? '').replace('about:blank', '');
  }

  getTitle(): string {
    return this.#owner.getTitle();
  }

  getLastWebPreferences(): Electron.WebPreferences {
    return this.#preferences;
  }

  setWindowOpenHandler(handler: WindowOpenHandler): void {
    this.#windowOpenHandler = handler;
  }

  async executeJavaScript(code: string): Promise<unknown> {
    const { page } = await this.created;
    return page.evaluate(code);
  }

  async capturePage(): Promise<Electron.NativeImage> {
    const { page } = await this.created;
    return new NativeImage(await page.screenshot()) as unknown as Electron.NativeImage;
  }

  isDestroyed(): boolean {
    return this.#isDestroyed;
  }

  isCrashed(): boolean {
    return this.#isCrashed;
  }

  isLoading(): boolean {
    return this.#isLoading;
  }

  isFocused(): boolean {
    return this.#owner.isFocused();
  }

  isDevToolsOpened(): boolean {
    return false;
  }

  focus(): void {}
  openDevTools(): void {}
  closeDevTools(): void {}
  setZoomFactor(): void {}
  setBackgroundThrottling(): void {}

  close(): void {
    this.#owner.close();
  }

  /** The window is gone; the page follows. */
  markDestroyed(): void {
    this.#isDestroyed = true;
    openWindows.contents.delete(this);
    const closed = this.created.then(({ page }) => page.close()).catch(() => undefined);
    void track(closed);
    this.emit('destroyed');
  }

  async #create(): Promise<PageLink> {
    const context = await this.session.context();
    const link = await PageLink.open(context, {
      preload: this.#preferences.preload,
      argv: [execPath, ...(this.#preferences.additionalArguments ?? [])],
      onMessage: (message) => void track(answerPageMessage(this, link, message)),
    });
    this.#link = link;
    this.#watch(link.page, link.cdp);
    await Promise.all([this.applySize(), this.applyTheme()]);
    return link;
  }

  async applySize(): Promise<void> {
    const { width, height } = this.#owner.getBounds();
    await this.page?.setViewportSize({ width, height }).catch(() => undefined);
  }

  async applyTheme(): Promise<void> {
    const colorScheme = nativeTheme.shouldUseDarkColors ? 'dark' : 'light';
    await this.page?.emulateMedia({ colorScheme }).catch(() => undefined);
  }

  #watch(page: Page, cdp: CDPSession): void {
    page.on('close', () => this.#owner.destroy());
    page.on('crash', () => {
      this.#isCrashed = true;
      this.emit('render-process-gone', {}, { reason: 'crashed', exitCode: 1 });
    });
    page.on('domcontentloaded', () => this.emit('dom-ready', {}));
    page.on('load', () => this.#loaded());
    page.on('console', (message) => {
      const { lineNumber, url } = message.location();
      this.emit('console-message', { level: message.type(), message: message.text(), lineNumber, sourceId: url });
    });
    page.on('framenavigated', (frame) => {
      if (frame === page.mainFrame()) this.emit('did-navigate', {}, toOriginal(frame.url()), 200, 'OK');
    });
    page.on('popup', (popup) => {
      this.popups.add(popup);
      void popup.close().catch(() => undefined);
    });
    cdp.on('Page.windowOpen', (details) => this.#askAboutPopup(details));
  }

  #askAboutPopup(details: { url: string; windowName: string; windowFeatures: string[] }): void {
    const verdict = this.#windowOpenHandler({
      url: toOriginal(details.url),
      frameName: details.windowName,
      features: details.windowFeatures.join(','),
      disposition: 'new-window',
      referrer: { url: this.getURL(), policy: 'default' },
    });
    if (verdict.action === 'deny') return;
    console.error('electron-double: window.open with the action "allow" is not implemented; the popup is closed');
  }

  #startLoading(): void {
    this.#isLoading = true;
    this.emit('did-start-loading');
  }

  #stopLoading(): void {
    this.#isLoading = false;
    this.emit('did-stop-loading');
  }

  #loaded(): void {
    if (this.page?.url() === 'about:blank') return;
    this.#stopLoading();
    this.emit('did-finish-load', {});
    this.#owner.emit('ready-to-show', {});
    void track(this.#announceTitle());
  }

  async #announceTitle(): Promise<void> {
    const title = await this.page?.title().catch(() => undefined);
    if (title !== undefined && title !== '' && !this.#isDestroyed) this.#owner.adoptTitle(title);
  }

  #loadFailure(url: string, cause: unknown): Error {
    const [, name = 'ERR_FAILED'] = /net::(ERR_\w+)/.exec(String(cause)) ?? [];
    this.#stopLoading();
    this.emit('did-fail-load', {}, -2, name, url, true);
    return Object.assign(new Error(`${name} (-2) loading '${url}'`, { cause }), { code: name, errno: -2, url });
  }

  #requireAlive(): void {
    if (this.#isDestroyed) throw new TypeError('Object has been destroyed');
  }
}
