import { posix, win32 } from 'node:path';

/** The folder everything is kept in, without a profile: `GANGWAY_HOME`, otherwise `~/.gangway`. An empty one counts as none. */
export function homeRoot(env: NodeJS.ProcessEnv, homeDir: string): string {
  const path = process.platform === 'win32' ? win32 : posix;
  const given = env['GANGWAY_HOME'];
  return given ? path.resolve(given.replace(/^~(?=[/\\]|$)/, () => homeDir)) : path.join(homeDir, '.gangway');
}
