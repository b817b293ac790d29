import { existsSync, readFileSync } from 'node:fs';

import { strict, StrictEmitter } from './strict.ts';

const NOTHING = Buffer.alloc(0);
type Implemented =
  | 'addRepresentation'
  | 'getSize'
  | 'isEmpty'
  | 'isTemplateImage'
  | 'resize'
  | 'setTemplateImage'
  | 'toDataURL'
  | 'toPNG';

/** A PNG and its size; anything that is no PNG is an empty image. */
export class NativeImage extends StrictEmitter implements Pick<Electron.NativeImage, Implemented> {
  readonly #png: Buffer;
  #isTemplate = false;

  constructor(bytes: Buffer = NOTHING) {
    super();
    this.#png = bytes.toString('latin1', 1, 4) === 'PNG' ? bytes : NOTHING;
  }

  isEmpty(): boolean {
    return this.#png.length === 0;
  }

  getSize(): Electron.Size {
    if (this.isEmpty()) return { width: 0, height: 0 };
    return { width: this.#png.readUInt32BE(16), height: this.#png.readUInt32BE(20) };
  }

  toPNG(): Buffer {
    return this.#png;
  }

  toDataURL(): string {
    return `data:image/png;base64,${this.#png.toString('base64')}`;
  }

  setTemplateImage(isTemplate: boolean): void {
    this.#isTemplate = isTemplate;
  }

  isTemplateImage(): boolean {
    return this.#isTemplate;
  }

  /** The same picture: the double draws no pixels. */
  resize(): Electron.NativeImage {
    const copy = new NativeImage(this.#png);
    copy.setTemplateImage(this.#isTemplate);
    return asElectron(copy);
  }

  addRepresentation(): void {}
}

export function imageFromPath(path: string): NativeImage {
  const image = new NativeImage(existsSync(path) ? readFileSync(path) : NOTHING);
  // Electron treats this name as a template image on macOS.
  image.setTemplateImage(/Template(@\dx)?\.png$/.test(path));
  return image;
}

export const nativeImage = strict<typeof Electron.NativeImage>('nativeImage', {
  createEmpty: () => asElectron(new NativeImage()),
  createFromPath: (path) => asElectron(imageFromPath(path)),
  createFromBuffer: (bytes) => asElectron(new NativeImage(bytes)),
  createFromDataURL: (url) => asElectron(new NativeImage(Buffer.from(url.split(',')[1] ?? '', 'base64'))),
});

function asElectron(image: NativeImage): Electron.NativeImage {
  return image as unknown as Electron.NativeImage;
}
