import { app } from './app.ts';
import type { Menu } from './menu.ts';
import { openWindows } from './open-windows.ts';

type Options = Electron.MenuItemConstructorOptions;
type Implemented =
  | 'accelerator'
  | 'checked'
  | 'click'
  | 'commandId'
  | 'enabled'
  | 'icon'
  | 'id'
  | 'label'
  | 'registerAccelerator'
  | 'sublabel'
  | 'toolTip'
  | 'type'
  | 'visible';

const DEFAULTS = {
  id: '',
  sublabel: '',
  toolTip: '',
  accelerator: null,
  registerAccelerator: true,
  enabled: true,
  visible: true,
  checked: false,
};

let lastCommandId = 0;

/** One row of a menu. `click()` does what a click by a person does, short of refusing disabled rows. */
export class MenuItem implements Pick<Electron.MenuItem, Implemented> {
  readonly id: string;
  readonly type: Electron.MenuItem['type'];
  readonly role?: NonNullable<Options['role']>;
  readonly accelerator: Electron.Accelerator | null;
  readonly registerAccelerator: boolean;
  readonly commandId: number;
  readonly submenu: Menu | undefined;
  readonly icon?: Electron.NativeImage | string;
  readonly click: (event?: unknown) => void;
  label: string;
  sublabel: string;
  toolTip: string;
  enabled: boolean;
  visible: boolean;
  /** Set when the item is put into a menu. */
  menu: Menu | undefined;
  #isChecked: boolean;

  constructor(options: Options, submenu: Menu | undefined) {
    lastCommandId += 1;
    this.commandId = lastCommandId;
    const given = { ...DEFAULTS, label: roleLabel(options.role), ...options };
    this.id = given.id;
    this.submenu = submenu;
    this.type = options.type ?? (submenu === undefined ? 'normal' : 'submenu');
    if (options.role !== undefined) this.role = options.role;
    if (options.icon !== undefined) this.icon = options.icon;
    this.accelerator = given.accelerator;
    this.registerAccelerator = given.registerAccelerator;
    this.label = given.label;
    this.sublabel = given.sublabel;
    this.toolTip = given.toolTip;
    this.enabled = given.enabled;
    this.visible = given.visible;
    this.#isChecked = given.checked;
    this.click = (event = {}) => this.#click(options.click, event);
    if (this.type === 'submenu' && submenu === undefined) throw new Error('Invalid submenu');
  }

  get checked(): boolean {
    return this.#isChecked;
  }

  /** Checking one of a group of radio items unchecks the others; none can be unchecked by itself. */
  set checked(isChecked: boolean) {
    if (this.type !== 'radio') this.#isChecked = isChecked;
    else for (const item of this.menu?.radioGroupOf(this) ?? [this]) item.#isChecked = item === this;
  }

  #click(action: Options['click'], event: unknown): void {
    if (this.type === 'checkbox' || this.type === 'radio') this.checked = !this.checked;
    if (this.role !== undefined && runRole(this.role)) return;
    const window = openWindows.focused as unknown as Electron.BaseWindow | undefined;
    action?.(this as unknown as Electron.MenuItem, window, event as Electron.KeyboardEvent);
  }
}

function runRole(role: NonNullable<Options['role']>): boolean {
  const actions: Partial<Record<typeof role, () => void>> = {
    quit: () => app.quit(),
    close: () => openWindows.focused?.close(),
    minimize: () => openWindows.focused?.minimize(),
    hide: () => openWindows.focused?.hide(),
    reload: () => openWindows.focused?.webContents.reload(),
  };
  actions[role]?.();
  return role in actions;
}

function roleLabel(role: Options['role']): string {
  return role === undefined ? '' : role.charAt(0).toUpperCase() + role.slice(1);
}
