import type { BrowserWindow } from './browser-window.ts';
import type { WebContents } from './web-contents.ts';

/** All windows of this process, their contents, and the one that has the focus. */
export const openWindows = {
  windows: new Set<BrowserWindow>(),
  contents: new Set<WebContents>(),
  focused: undefined as BrowserWindow | undefined,
};
