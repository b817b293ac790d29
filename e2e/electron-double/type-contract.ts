import type * as Double from './electron.ts';

/**
 * Nothing here runs: `tsc -p tsconfig/e2e.json` reads it. The double's modules are cut from Electron's
 * own types where they are written; this file checks what such a cut cannot show.
 */
type Real = typeof Electron.CrossProcessExports;

type Holds<T extends true> = T;
type IsNever<T> = [T] extends [never] ? true : false;
type Takes<Constructor, Arguments extends readonly unknown[]> = Constructor extends new (...args: infer Own) => unknown
  ? Arguments extends Own
    ? true
    : false
  : false;

/** A name that Electron does not export, or no longer exports, must not be importable in a test. */
export type KnowsNoOtherNames = Holds<IsNever<Exclude<keyof typeof Double, keyof Real>>>;

export type MakesTrays = Holds<Takes<typeof Double.Tray, [image: string]>>;
export type MakesWindows = Holds<Takes<typeof Double.BrowserWindow, ConstructorParameters<Real['BrowserWindow']>>>;
export type MakesNotifications = Holds<Takes<typeof Double.Notification, ConstructorParameters<Real['Notification']>>>;
export type MakesMenuItems = Holds<Takes<typeof Double.MenuItem, ConstructorParameters<Real['MenuItem']>>>;

/** The guard itself: a signature that differs from Electron's must not compile. */
export const refused: readonly unknown[] = [
  // @ts-expect-error -- reading the clipboard answers later, since Electron 44
  { readText: () => 'text' } satisfies Partial<Electron.Clipboard>,
  // @ts-expect-error -- a dialog answers with an object
  { showMessageBox: async () => 0 } satisfies Partial<Electron.Dialog>,
  // @ts-expect-error -- there is no such member
  { isEncrypted: () => true } satisfies Partial<Electron.SafeStorage>,
];
