import { MenuItem as Item } from './menu-item.ts';
import { StrictEmitter } from './strict.ts';

type Template = readonly (Electron.MenuItemConstructorOptions | Item)[];

let applicationMenu: Menu | null = null;

/** The menu model. It is never drawn: tests read it and click in it. */
export class Menu extends StrictEmitter implements Pick<Electron.Menu, 'closePopup' | 'popup'> {
  readonly items: Item[] = [];

  static buildFromTemplate(template: Template): Menu {
    if (!Array.isArray(template)) throw new TypeError('Invalid template for Menu: Menu template must be an array');
    const menu = new Menu();
    for (const entry of template) menu.append(toItem(entry));
    return menu;
  }

  static setApplicationMenu(menu: Menu | null): void {
    applicationMenu = menu;
  }

  static getApplicationMenu(): Menu | null {
    return applicationMenu;
  }

  append(item: Item): void {
    this.insert(this.items.length, item);
  }

  insert(position: number, item: Item): void {
    if (position > this.items.length) throw new RangeError(`Position ${position} cannot be greater than the items`);
    item.menu = this;
    this.items.splice(position, 0, item);
  }

  getMenuItemById(id: string): Item | null {
    for (const item of this.items) {
      const found = item.id === id ? item : item.submenu?.getMenuItemById(id);
      if (found !== undefined && found !== null) return found;
    }
    return null;
  }

  /** The radio items around `item`, up to the next item of another type. */
  radioGroupOf(item: Item): readonly Item[] {
    const at = this.items.indexOf(item);
    const before = this.items.slice(0, at).findLastIndex(({ type }) => type !== 'radio');
    const after = this.items.findIndex(({ type }, index) => index > at && type !== 'radio');
    return this.items.slice(before + 1, after === -1 ? undefined : after);
  }

  popup(): void {
    this.emit('menu-will-show', {});
  }

  closePopup(): void {
    this.emit('menu-will-close', {});
  }
}

/** The module's `MenuItem`: a submenu may be given as a template. */
export class MenuItem extends Item {
  constructor(options: Electron.MenuItemConstructorOptions) {
    super(options, toSubmenu(options.submenu));
  }
}

function toItem(entry: Template[number]): Item {
  if (entry instanceof Item) return entry;
  if (entry.label === undefined && entry.role === undefined && entry.type === undefined) {
    throw new TypeError('Invalid template for MenuItem: must have at least one of label, role or type');
  }
  return new MenuItem(entry);
}

function toSubmenu(submenu: Electron.MenuItemConstructorOptions['submenu']): Menu | undefined {
  return Array.isArray(submenu) ? Menu.buildFromTemplate(submenu) : (submenu as unknown as Menu | undefined);
}
