import { changes, controls } from './controls.ts';
import { openWindows } from './open-windows.ts';
import { strictEmitter } from './strict.ts';

type Source = Electron.NativeTheme['themeSource'];

const SOURCES: readonly Source[] = ['system', 'light', 'dark'];
let source: Source = 'system';

export const nativeTheme = strictEmitter<Electron.NativeTheme>('nativeTheme', {
  get themeSource() {
    return source;
  },
  set themeSource(wanted) {
    if (!SOURCES.includes(wanted)) throw new TypeError(`Error processing argument: '${wanted}' is no theme source`);
    source = wanted;
    applyEverywhere();
  },
  get shouldUseDarkColors() {
    return source === 'system' ? controls.state.systemDark : source === 'dark';
  },
  shouldUseHighContrastColors: false,
  shouldUseInvertedColorScheme: false,
});

changes.on('systemDark', applyEverywhere);

function applyEverywhere(): void {
  for (const contents of openWindows.contents) void contents.applyTheme();
  nativeTheme.emit('updated');
}
