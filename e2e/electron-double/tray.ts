import { controls } from './controls.ts';
import type { Menu } from './menu.ts';
import { imageFromPath, type NativeImage } from './native-image.ts';
import { readiness } from './readiness.ts';
import { StrictEmitter } from './strict.ts';

type Implemented =
  | 'closeContextMenu'
  | 'destroy'
  | 'focus'
  | 'getBounds'
  | 'getTitle'
  | 'isDestroyed'
  | 'popUpContextMenu'
  | 'setContextMenu'
  | 'setIgnoreDoubleClickEvents'
  | 'setImage'
  | 'setPressedImage'
  | 'setTitle'
  | 'setToolTip';

type Image = Electron.NativeImage | string;

/** The tray model: what the app set, for a test to read. A click is `tray.emit('click')`. */
export class Tray extends StrictEmitter implements Pick<Electron.Tray, Implemented> {
  image: NativeImage;
  toolTip = '';
  title = '';
  menu: Menu | undefined;
  #isDestroyed = false;

  constructor(image: Image) {
    super();
    readiness.require('Cannot create Tray before app is ready');
    this.image = loaded(image);
    controls.trays.push(this);
  }

  setImage(image: Image): void {
    this.#requireAlive();
    this.image = loaded(image);
  }

  setPressedImage(): void {
    this.#requireAlive();
  }

  setToolTip(text: string): void {
    this.#requireAlive();
    this.toolTip = text;
  }

  setTitle(text: string): void {
    this.#requireAlive();
    this.title = text;
  }

  getTitle(): string {
    return this.title;
  }

  setContextMenu(menu: Electron.Menu | null): void {
    this.#requireAlive();
    this.menu = (menu ?? undefined) as unknown as Menu | undefined;
  }

  popUpContextMenu(menu?: Electron.Menu): void {
    this.#requireAlive();
    (menu ?? this.menu)?.popup();
  }

  closeContextMenu(): void {
    this.menu?.closePopup();
  }

  getBounds(): Electron.Rectangle {
    return { x: 1200, y: 0, width: 22, height: 22 };
  }

  isDestroyed(): boolean {
    return this.#isDestroyed;
  }

  destroy(): void {
    if (this.#isDestroyed) return;
    this.#isDestroyed = true;
    controls.trays.splice(controls.trays.indexOf(this), 1);
  }

  setIgnoreDoubleClickEvents(): void {}
  focus(): void {}

  #requireAlive(): void {
    if (this.#isDestroyed) throw new TypeError('Object has been destroyed');
  }
}

function loaded(image: Image): NativeImage {
  const found = typeof image === 'string' ? imageFromPath(image) : (image as unknown as NativeImage);
  if (found.isEmpty())
    throw new Error(`Failed to load image${typeof image === 'string' ? ` from path '${image}'` : ''}`);
  return found;
}
