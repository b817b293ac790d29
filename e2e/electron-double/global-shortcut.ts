import { controls } from './controls.ts';
import { readiness } from './readiness.ts';
import { strict } from './strict.ts';

const { shortcuts } = controls;

/** A test presses one with `controls.pressShortcut(accelerator)`. */
export const globalShortcut = strict<Electron.GlobalShortcut>('globalShortcut', {
  register: (accelerator, action) => {
    readiness.require('globalShortcut cannot be used before the app is ready');
    if (shortcuts.has(accelerator)) return false;
    shortcuts.set(accelerator, action);
    return true;
  },
  isRegistered: (accelerator) => shortcuts.has(accelerator),
  unregister: (accelerator) => void shortcuts.delete(accelerator),
  unregisterAll: () => shortcuts.clear(),
});
