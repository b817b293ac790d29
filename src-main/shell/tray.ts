import type { Menu, MenuItemConstructorOptions } from 'electron';

import type { Clock } from '../platform/ports.ts';
import type { ElectronApi, TrayApi } from './electron-api.ts';
import { trayIconFile } from './tray-icons.ts';
import type { TrayAction, TrayCommand, TrayItem, TrayModel } from './tray-item.ts';

/** Not every desktop reports that a menu was closed. */
const MENU_OPEN_AT_MOST_MS = 60_000;

export interface TrayDeps {
  readonly electron: Pick<ElectronApi, 'Menu' | 'Tray'>;
  readonly clock: Clock;
  readonly platform: NodeJS.Platform;
  /** Folder that holds `tray/`. */
  readonly resources: string;
  readonly onCommand: (command: TrayCommand) => void;
  /** A left click, where that does not open the menu. */
  readonly onClick: () => void;
}

/** Draws the model, and only when it changed: a menu that is rebuilt under the pointer cannot be used. */
export class TrayDrawer {
  readonly #deps: TrayDeps;
  readonly #tray: TrayApi;
  #shown: TrayModel | undefined;
  #drawnItems: string | undefined;
  #cancelOpen: (() => void) | undefined;

  /** Throws what Electron throws where no tray can be made. */
  constructor(deps: TrayDeps) {
    this.#deps = deps;
    this.#tray = new deps.electron.Tray(this.#file('off'));
    if (deps.platform !== 'darwin') this.#tray.on('click', deps.onClick);
  }

  draw(model: TrayModel): void {
    if (model.icon !== this.#shown?.icon) this.#tray.setImage(this.#file(model.icon));
    if (model.tooltip !== this.#shown?.tooltip) this.#tray.setToolTip(model.tooltip);
    this.#shown = model;
    if (this.#cancelOpen === undefined) this.#drawMenu();
  }

  remove(): void {
    this.#cancelOpen?.();
    this.#tray.destroy();
  }

  #drawMenu(): void {
    if (this.#shown === undefined) return;
    const { items } = this.#shown;
    const text = JSON.stringify(items);
    if (text === this.#drawnItems) return;
    this.#drawnItems = text;
    const menu = this.#deps.electron.Menu.buildFromTemplate(items.map((item) => this.#template(item)));
    this.#watch(menu);
    this.#tray.setContextMenu(menu);
  }

  #watch(menu: Menu): void {
    menu.on('menu-will-show', () => {
      this.#cancelOpen?.();
      this.#cancelOpen = this.#deps.clock.after(MENU_OPEN_AT_MOST_MS, () => this.#closed());
    });
    menu.on('menu-will-close', () => this.#closed());
  }

  #closed(): void {
    this.#cancelOpen?.();
    this.#cancelOpen = undefined;
    this.#drawMenu();
  }

  #template(item: TrayItem): MenuItemConstructorOptions {
    switch (item.type) {
      case 'separator':
        return { type: 'separator' };
      case 'label':
        return { label: escaped(item.label), enabled: false };
      case 'action':
        return this.#actionTemplate(item);
      case 'submenu':
        return { id: item.id, label: escaped(item.label), submenu: item.items.map((inner) => this.#template(inner)) };
    }
  }

  #actionTemplate({ id, label, enabled, checked, accelerator, command }: TrayAction): MenuItemConstructorOptions {
    return {
      id,
      label: escaped(label),
      enabled,
      // Never `radio`: Electron marks the first one of a group in which none is chosen.
      ...(checked === undefined ? {} : { type: 'checkbox', checked }),
      ...(accelerator === undefined ? {} : { accelerator }),
      click: () => this.#clicked(command),
    };
  }

  #clicked(command: TrayCommand): void {
    // The system has toggled the check mark by itself; the mark is to follow the state, not the click.
    this.#drawnItems = undefined;
    this.#closed();
    this.#deps.onCommand(command);
  }

  #file(icon: TrayModel['icon']): string {
    return trayIconFile(icon, this.#deps);
  }
}

/** A single `&` would be taken for the mark of a shortcut letter and vanish. */
function escaped(text: string): string {
  return text.replaceAll('&', '&&');
}
