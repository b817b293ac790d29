import type { ElectronApplication } from '@playwright/test';

import { waitFor } from './wait-for.ts';

/** One row of the tray menu as plain data. */
export interface TrayItem {
  readonly id: string;
  readonly type: Electron.MenuItem['type'];
  readonly label: string;
  readonly sublabel: string;
  readonly enabled: boolean;
  readonly visible: boolean;
  readonly checked: boolean;
  /** `''` when there is none. */
  readonly accelerator: string;
  /** Rows of the submenu. */
  readonly items: readonly TrayItem[];
}

export interface TrayFacts {
  readonly toolTip: string;
  /** The text beside the icon on macOS. */
  readonly title: string;
  /** Path or data URL given to the last `setImage`; `''` when there was none. */
  readonly image: string;
}

interface SeenTray extends TrayFacts {
  readonly tray: Electron.Tray;
  readonly menu: Electron.Menu | undefined;
}

declare global {
  /** What probe.cjs keeps in the main process. */
  var __gangwayProbe: {
    trays(): SeenTray[];
    readonly notifications: { readonly title: string; readonly body: string }[];
  };
}

/** The menu of the app's tray. Waits until the app has one. */
export function trayMenu(app: ElectronApplication): Promise<readonly TrayItem[]> {
  return waitFor(() => readMenu(app), { what: 'a tray with a menu' });
}

/** The menu as text, one row per line: see `renderMenu`. */
export async function trayText(app: ElectronApplication): Promise<string> {
  return renderMenu(await trayMenu(app));
}

/**
 * Visible rows, one per line. Submenus are indented by two spaces, `[x]` and `[ ]` are checkboxes,
 * `(x)` and `( )` radio items, `---` is a separator, and rows that cannot be clicked end in `(disabled)`.
 */
export function renderMenu(items: readonly TrayItem[], indentation = ''): string {
  const lines = items
    .filter((item) => item.visible)
    .flatMap((item) => [
      indentation + renderRow(item),
      ...(item.items.length === 0 ? [] : [renderMenu(item.items, `${indentation}  `)]),
    ]);
  return lines.join('\n');
}

/**
 * Clicks a row, in submenus too, as a person can: it must be there, visible and enabled.
 *
 * @throws Error with the menu as text when it is not.
 */
export async function clickTrayItem(app: ElectronApplication, id: string): Promise<void> {
  const items = await trayMenu(app);
  const item = find(items, id);
  const problem = item === undefined ? 'is not there' : obstacle(item);
  if (problem !== undefined) throw new Error(`The tray item “${id}” ${problem}:\n${renderMenu(items)}`);
  await app.evaluate((_electron, wanted) => {
    const menu = globalThis.__gangwayProbe.trays().at(-1)?.menu;
    // The types say `Function`, because a click passes different things on different systems.
    (menu?.getMenuItemById(wanted)?.click as (() => void) | undefined)?.();
  }, id);
}

export async function trayFacts(app: ElectronApplication): Promise<TrayFacts> {
  await trayMenu(app);
  return app.evaluate(() => {
    const { toolTip = '', title = '', image = '' } = globalThis.__gangwayProbe.trays().at(-1) ?? {};
    return { toolTip, title, image };
  });
}

/** Notifications shown so far, oldest first. */
export function shownNotifications(app: ElectronApplication): Promise<readonly { title: string; body: string }[]> {
  return app.evaluate(() => [...globalThis.__gangwayProbe.notifications]);
}

function readMenu(app: ElectronApplication): Promise<readonly TrayItem[] | undefined> {
  return app.evaluate(() => {
    const read = (menu: Electron.Menu): TrayItem[] =>
      menu.items.map((item) => ({
        id: item.id,
        type: item.type,
        label: item.label,
        sublabel: item.sublabel,
        enabled: item.enabled,
        visible: item.visible,
        checked: item.checked,
        accelerator: item.accelerator ?? '',
        items: item.submenu ? read(item.submenu) : [],
      }));
    const menu = globalThis.__gangwayProbe.trays().at(-1)?.menu;
    return menu === undefined ? undefined : read(menu);
  });
}

function renderRow(item: TrayItem): string {
  if (item.type === 'separator') return '---';
  const mark = item.type === 'checkbox' ? ['[ ] ', '[x] '] : item.type === 'radio' ? ['( ) ', '(x) '] : ['', ''];
  return `${mark[Number(item.checked)]}${item.label}${item.enabled ? '' : ' (disabled)'}`;
}

function find(items: readonly TrayItem[], id: string): TrayItem | undefined {
  for (const item of items) {
    const found = item.id === id ? item : find(item.items, id);
    if (found !== undefined) return found;
  }
  return undefined;
}

function obstacle(item: TrayItem): string | undefined {
  if (!item.visible) return 'is hidden';
  return item.enabled ? undefined : 'is disabled';
}
