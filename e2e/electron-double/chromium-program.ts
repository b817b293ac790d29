import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** No calls home, no first-run pages, no UDP: a test talks to loopback only. */
export const QUIET_FLAGS: readonly string[] = [
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/**
 * Path of the Chromium to use: what `variable` names in the environment, else the first one on PATH.
 * `undefined` when there is none.
 *
 * @throws Error when the variable names a file that cannot be run.
 */
export function findChromium(variable: 'EDOUBLE_CHROMIUM' | 'GANGWAY_CHROMIUM'): string | undefined {
  const wanted = process.env[variable];
  if (wanted === undefined || wanted === '') return candidates().find(isExecutable);
  if (!isExecutable(wanted)) throw new Error(`${variable} names ${wanted}, which is not a program that can be run.`);
  return wanted;
}

export function chromiumMissing(variable: string): string {
  return `No Chromium was found: none of ${NAMES.join(', ')} is on PATH. Install one, or set ${variable} to its path.`;
}

function candidates(): string[] {
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  const suffix = process.platform === 'win32' ? '.exe' : '';
  return NAMES.flatMap((name) => folders.map((folder) => join(folder, name + suffix)));
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
