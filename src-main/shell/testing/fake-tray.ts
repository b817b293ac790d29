import { EventEmitter } from 'node:events';

import type { MenuItemConstructorOptions } from 'electron';

import type { TrayApi } from '../electron-api.ts';

export class FakeMenu extends EventEmitter {
  readonly items: readonly MenuItemConstructorOptions[];

  constructor(items: readonly MenuItemConstructorOptions[]) {
    super();
    this.items = items.map(checkedItem);
  }

  /** Clicks an item as a person does: the system toggles a check mark before the listener hears of it. */
  click(id: string): void {
    const item = this.items.flatMap(flat).find((each) => each.id === id);
    if (item === undefined || item.enabled === false) throw new Error(`nothing to click: ${id}`);
    if (item.type === 'checkbox') item.checked = item.checked !== true;
    (item.click as (() => void) | undefined)?.();
  }
}

function flat(item: MenuItemConstructorOptions): readonly MenuItemConstructorOptions[] {
  return [item, ...(Array.isArray(item.submenu) ? item.submenu.flatMap(flat) : [])];
}

function checkedItem(item: MenuItemConstructorOptions): MenuItemConstructorOptions {
  if (item.type !== 'separator' && !item.label && item.role === undefined)
    throw new TypeError('Required "label" or "role" missing');
  if (Array.isArray(item.submenu)) item.submenu.forEach(checkedItem);
  return item;
}

export class FakeTray extends EventEmitter implements Pick<TrayApi, 'setImage' | 'setToolTip' | 'destroy'> {
  readonly images: unknown[];
  readonly menus: FakeMenu[] = [];
  toolTip = '';
  isDestroyed = false;

  constructor(image: string) {
    super();
    this.images = [image];
  }

  get menu(): FakeMenu {
    const menu = this.menus.at(-1);
    if (menu === undefined) throw new Error('the tray has no menu yet');
    return menu;
  }

  setImage(image: unknown): void {
    this.#check();
    this.images.push(image);
  }

  setToolTip(text: string): void {
    this.#check();
    this.toolTip = text;
  }

  setContextMenu(menu: unknown): void {
    this.#check();
    this.menus.push(menu as FakeMenu);
  }

  destroy(): void {
    this.isDestroyed = true;
  }

  #check(): void {
    if (this.isDestroyed) throw new TypeError('Tray is destroyed');
  }
}
