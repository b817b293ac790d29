import { controls } from './controls.ts';
import { strict } from './strict.ts';

/** Opens nothing; `controls.opened` tells what would have been opened. */
export const shell = strict<Electron.Shell>('shell', {
  openExternal: async (url) => void controls.opened.push(url),
  openPath: async (path) => {
    controls.opened.push(path);
    return '';
  },
  showItemInFolder: (path) => void controls.opened.push(path),
  beep: () => undefined,
});
