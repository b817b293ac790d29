import { EventEmitter } from 'node:events';

import type { BrowserWindowConstructorOptions } from 'electron';

import type { AppWindow, GuardedContents } from '../electron-api.ts';
import { FakeEvent } from './fake-event.ts';

class FakeContents extends EventEmitter {
  readonly sent: { channel: string; payload: unknown }[] = [];
  windowOpenHandler: Parameters<GuardedContents['setWindowOpenHandler']>[0] | undefined;
  isGone = false;

  send(channel: string, payload: unknown): void {
    if (this.isGone) throw new TypeError('Object has been destroyed');
    this.sent.push({ channel, payload: structuredClone(payload) });
  }

  setWindowOpenHandler(handler: Parameters<GuardedContents['setWindowOpenHandler']>[0]): void {
    this.windowOpenHandler = handler;
  }
}

export class FakeWindow extends EventEmitter implements Pick<AppWindow, 'show' | 'hide' | 'focus' | 'setTitle'> {
  readonly webContents = new FakeContents();
  readonly options: BrowserWindowConstructorOptions;
  readonly urls: string[] = [];
  title: string;
  #isVisible = false;
  #isDestroyed = false;

  constructor(options: BrowserWindowConstructorOptions) {
    super();
    this.options = options;
    this.title = options.title ?? '';
  }

  async loadURL(url: string): Promise<void> {
    this.#check();
    this.urls.push(url);
  }

  /** The page was drawn for the first time. */
  drawn(): void {
    this.emit('ready-to-show');
  }

  /** A person closes the window. */
  close(): void {
    const event = new FakeEvent();
    this.emit('close', event);
    if (!event.defaultPrevented) this.destroy();
  }

  show(): void {
    this.#check();
    if (this.#isVisible) return;
    this.#isVisible = true;
    this.emit('show');
  }

  hide(): void {
    this.#check();
    this.#isVisible = false;
    this.emit('hide');
  }

  destroy(): void {
    if (this.#isDestroyed) return;
    this.#isDestroyed = true;
    this.#isVisible = false;
    this.webContents.isGone = true;
    this.emit('closed');
  }

  focus(): void {
    this.#check();
  }

  restore(): void {
    this.#check();
  }

  setBackgroundColor(): void {
    this.#check();
  }

  setTitle(title: string): void {
    this.#check();
    this.title = title;
  }

  isVisible(): boolean {
    return this.#isVisible;
  }

  isMinimized(): boolean {
    return false;
  }

  isDestroyed(): boolean {
    return this.#isDestroyed;
  }

  #check(): void {
    if (this.#isDestroyed) throw new TypeError('Object has been destroyed');
  }
}
