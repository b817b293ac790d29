import type { TrayAction, TrayItem, TrayModel } from './tray-item.ts';

/**
 * The menu as indented text, for tests and documents: `✓` in use, `·` cannot be chosen, `›` opens a submenu,
 * the shortcut in brackets. Two models with the same text look the same.
 */
export function renderTray({ icon, tooltip, items }: TrayModel): string {
  return [`icon: ${icon}`, `tooltip: ${tooltip}`, ...rows(items, '')].join('\n');
}

function rows(items: readonly TrayItem[], indent: string): readonly string[] {
  return items.flatMap((item) => {
    switch (item.type) {
      case 'separator':
        return [`${indent}---`];
      case 'label':
        return [`${indent}· ${item.label}`];
      case 'action':
        return [`${indent}${mark(item)} ${item.label}${keyText(item)}`];
      case 'submenu':
        return [`${indent}› ${item.label}`, ...rows(item.items, `${indent}    `)];
    }
  });
}

function mark({ enabled, checked }: TrayAction): string {
  if (!enabled) return '·';
  return checked === true ? '✓' : ' ';
}

function keyText({ accelerator }: TrayAction): string {
  return accelerator === undefined ? '' : ` [${accelerator}]`;
}
