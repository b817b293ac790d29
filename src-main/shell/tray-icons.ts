import { join } from 'node:path';

import type { TrayIcon } from './tray-item.ts';

/**
 * File of an icon. Electron itself finds the `@2x` beside it, and on macOS the ending `Template` lets the
 * system colour it; the other systems get an icon on a tile, since the colour of their bar is not known.
 */
export function trayIconFile(
  icon: TrayIcon,
  at: { readonly resources: string; readonly platform: NodeJS.Platform },
): string {
  return join(at.resources, 'tray', fileName(icon, at.platform));
}

function fileName(icon: TrayIcon, platform: NodeJS.Platform): string {
  if (platform === 'darwin') return `${icon}Template.png`;
  return `${icon}-${platform === 'win32' ? 16 : 22}.png`;
}
