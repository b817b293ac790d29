import type { ElectronApi } from './electron-api.ts';

/**
 * Electron's own menu offers the developer tools and a reload. macOS needs one for copy and paste to work at all;
 * elsewhere the window has none.
 */
export function setAppMenu(Menu: ElectronApi['Menu'], platform: NodeJS.Platform): void {
  if (platform !== 'darwin') return Menu.setApplicationMenu(null);
  Menu.setApplicationMenu(Menu.buildFromTemplate([{ role: 'appMenu' }, { role: 'editMenu' }, { role: 'windowMenu' }]));
}
