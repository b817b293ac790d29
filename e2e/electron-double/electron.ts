/**
 * What `import … from 'electron'` gives in the main process of the double. This is the one file that
 * gathers others: it stands for a module of that shape.
 */
export { app } from './app.ts';
export { BrowserWindow } from './browser-window.ts';
export { clipboard } from './clipboard.ts';
export { dialog } from './dialog.ts';
export { globalShortcut } from './global-shortcut.ts';
export { ipcMain } from './ipc-main.ts';
export { Menu, MenuItem } from './menu.ts';
export { nativeImage } from './native-image.ts';
export { nativeTheme } from './native-theme.ts';
export { net } from './net.ts';
export { Notification } from './notification.ts';
export { powerMonitor, powerSaveBlocker } from './power.ts';
export { safeStorage } from './safe-storage.ts';
export { screen } from './screen.ts';
export { protocol, session } from './session.ts';
export { shell } from './shell.ts';
export { autoUpdater, crashReporter, systemPreferences } from './system.ts';
export { Tray } from './tray.ts';
export { UtilityProcess as utilityProcess } from './utility-process.ts';
export { WebContents as webContents } from './web-contents.ts';
