import { controls, type ShownDialog } from './controls.ts';
import { strict } from './strict.ts';

/** Dialogs that answer by themselves, as `controls.state.dialog` says; `controls.dialogs` tells what was asked. */
export const dialog = strict<Electron.Dialog>('dialog', {
  showMessageBox: async (...args: unknown[]) => {
    note('message', args);
    const { response, checkboxChecked } = controls.state.dialog;
    return { response, checkboxChecked };
  },
  showMessageBoxSync: (...args: unknown[]) => {
    note('message', args);
    return controls.state.dialog.response;
  },
  showOpenDialog: async (...args: unknown[]) => {
    note('open', args);
    const { canceled, filePaths } = controls.state.dialog;
    return { canceled, filePaths: canceled ? [] : filePaths };
  },
  showSaveDialog: async (...args: unknown[]) => {
    note('save', args);
    const { canceled, filePaths } = controls.state.dialog;
    return { canceled, filePath: canceled ? '' : (filePaths[0] ?? '') };
  },
  showErrorBox: (title, content) => note('error', [{ title, content }]),
});

/** The options come last, after the window if there is one. */
function note(kind: ShownDialog['kind'], args: readonly unknown[]): void {
  controls.dialogs.push({ kind, options: args.at(-1) });
}
