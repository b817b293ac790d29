import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';

import { bootFacts } from './boot-facts.ts';

const { manifest, launcher, switches } = bootFacts;
const chosen = new Map<string, string>();
let appName = manifest.productName ?? manifest.name;

export const appIdentity = {
  get name(): string {
    return appName;
  },
  set name(value: string) {
    appName = value;
  },
};

/** @throws Error for a name Electron does not know. */
export function appPath(name: string): string {
  const path = chosen.get(name) ?? defaultPath(name);
  if (path === undefined) throw new Error(`Failed to get '${name}' path`);
  return path;
}

export function chooseAppPath(name: string, path: string): void {
  appPath(name);
  chosen.set(name, path);
}

function defaultPath(name: string): string | undefined {
  const home = homedir();
  switch (name) {
    case 'home':
      return home;
    case 'appData':
      return join(home, '.config');
    case 'userData':
      return switches.get('user-data-dir') ?? join(appPath('appData'), appName);
    case 'sessionData':
      return appPath('userData');
    case 'logs':
      return join(appPath('userData'), 'logs');
    case 'temp':
      return tmpdir();
    case 'exe':
    case 'module':
      return launcher;
    default:
      return ['desktop', 'documents', 'downloads'].includes(name) ? join(home, capitalised(name)) : undefined;
  }
}

function capitalised(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
