import { controls } from './controls.ts';
import { readiness } from './readiness.ts';
import { strictEmitter } from './strict.ts';

export const screen = strictEmitter<Electron.Screen>('screen', {
  getAllDisplays: () => displays(),
  getPrimaryDisplay: () => primary(),
  getDisplayNearestPoint: () => primary(),
  getDisplayMatching: () => primary(),
  getCursorScreenPoint: () => controls.state.cursor,
});

function displays(): Electron.Display[] {
  readiness.require("The 'screen' module can't be used before the app 'ready' event");
  return controls.state.displays as Electron.Display[];
}

function primary(): Electron.Display {
  const [first] = displays();
  if (first === undefined) throw new Error('electron-double: a test removed every display');
  return first;
}
