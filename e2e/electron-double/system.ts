import { app } from './app.ts';
import { strict, strictEmitter } from './strict.ts';

/** There is never an update. */
export const autoUpdater = strictEmitter<Electron.AutoUpdater>('autoUpdater', {
  setFeedURL: () => undefined,
  getFeedURL: () => '',
  checkForUpdates: () => {
    autoUpdater.emit('checking-for-update');
    autoUpdater.emit('update-not-available');
  },
  quitAndInstall: () => app.quit(),
});

export const systemPreferences = strictEmitter<Electron.SystemPreferences>('systemPreferences', {
  getMediaAccessStatus: () => 'granted',
});

/** Collects nothing and sends nothing. */
export const crashReporter = strict<Electron.CrashReporter>('crashReporter', { start: () => undefined });
