import { basename, dirname } from 'node:path';

import type { Files } from '../../platform/ports.ts';

/** Files that are nowhere. */
export class MemoryFiles implements Files {
  readonly texts = new Map<string, string>();

  async read(path: string): Promise<string | undefined> {
    return this.texts.get(path);
  }

  async list(folder: string): Promise<readonly string[]> {
    return [...this.texts.keys()].filter((path) => dirname(path) === folder).map((path) => basename(path));
  }

  async writeAtomic(path: string, text: string): Promise<void> {
    this.texts.set(path, text);
  }

  async rewrite(path: string, text: string): Promise<void> {
    this.texts.set(path, text);
  }

  async append(path: string, text: string): Promise<void> {
    this.texts.set(path, `${this.texts.get(path) ?? ''}${text}`);
  }

  async copy(from: string, to: string): Promise<void> {
    this.texts.set(to, this.texts.get(from) ?? '');
  }

  async remove(path: string): Promise<void> {
    this.texts.delete(path);
  }
}
