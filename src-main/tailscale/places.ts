import { delimiter, isAbsolute, join } from 'node:path';

export interface PlaceSources {
  readonly platform: NodeJS.Platform;
  readonly env: NodeJS.ProcessEnv;
}

/** Where the program of Tailscale may be, absolute, the likeliest first. An app started from a desktop has hardly a PATH. */
export function programPlaces({ platform, env }: PlaceSources): readonly string[] {
  const given = env['GANGWAY_TAILSCALE'];
  if (given) return [given];
  if (platform === 'win32')
    return [join(env['ProgramFiles'] ?? String.raw`C:\Program Files`, 'Tailscale', 'tailscale.exe')];
  const onPath = (env['PATH'] ?? '').split(delimiter).filter((folder) => isAbsolute(folder));
  const inFolders = (folders: readonly string[]) => folders.map((folder) => join(folder, 'tailscale'));
  if (platform !== 'darwin') return inFolders([...onPath, '/usr/bin', '/usr/local/bin', '/snap/bin']);
  // The app by its own path: through a link it finds neither its bundle nor the daemon, tailscale/tailscale#11510.
  const app = '/Applications/Tailscale.app/Contents/MacOS/Tailscale';
  return [...inFolders(['/opt/homebrew/bin', '/usr/local/bin', ...onPath]), app];
}

/** Where the daemon listens. The one of the App Store does not: its own program finds it. */
export function socketPlace({ platform, env }: PlaceSources): string {
  const given = env['GANGWAY_TAILSCALE_SOCKET'];
  if (given) return given;
  if (platform === 'win32') return String.raw`\\.\pipe\ProtectedPrefix\Administrators\Tailscale\tailscaled`;
  return platform === 'darwin' ? '/var/run/tailscaled.socket' : '/var/run/tailscale/tailscaled.sock';
}
