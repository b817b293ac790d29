import type * as sqlite from 'node:sqlite';

/**
 * SQLite as Node and Electron bring it, loaded when a gateway starts and not with the program: the desktop app and most
 * commands never need it. Before Node 24.15 loading it prints an ExperimentalWarning, which tells a person nothing they
 * could act on; only that one warning is kept back, and only while the module loads.
 *
 * @see https://nodejs.org/api/sqlite.html
 */
export function loadSqlite(): typeof sqlite {
  // oxlint-disable-next-line typescript/unbound-method -- called on the process, and put back as it was
  const { emitWarning } = process;
  process.emitWarning = (warning: string | Error, ...rest: unknown[]): void => {
    if (/SQLite is an experimental feature/.test(String(warning))) return;
    Reflect.apply(emitWarning, process, [warning, ...rest]);
  };
  try {
    return process.getBuiltinModule('node:sqlite');
  } finally {
    process.emitWarning = emitWarning;
  }
}
