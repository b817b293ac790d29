import { posix, win32 } from 'node:path';

export interface TokenValues {
  readonly homeDir: string;
  readonly localUser: string;
  /** The name that was asked for, before `HostName` replaced it. */
  readonly alias: string;
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly platform: NodeJS.Platform;
}

/**
 * Expands `~` and the %-tokens of ssh_config(5) in a file name. `ssh -G` leaves them
 * raw in IdentityFile. `undefined` when a token is not known here: the path cannot be told then.
 */
export function expandPath(path: string, values: TokenValues): string | undefined {
  let known = true;
  const expanded = path.replaceAll(/%(.?)/gs, (_whole, token: string) => {
    const value = tokenValue(token, values);
    if (value === undefined) known = false;
    return value ?? '';
  });
  if (!known) return undefined;
  return expandHome(expanded, values);
}

/** Makes a path absolute. `undefined` for another user's home folder, which only the system can tell. */
export function expandHome(
  path: string,
  { homeDir, platform }: Pick<TokenValues, 'homeDir' | 'platform'>,
): string | undefined {
  const paths = platform === 'win32' ? win32 : posix;
  if (path === '~') return homeDir;
  if (/^~[/\\]/.test(path)) return paths.join(homeDir, path.slice(2));
  return path.startsWith('~') ? undefined : paths.resolve(path);
}

function tokenValue(token: string, values: TokenValues): string | undefined {
  switch (token) {
    case '%':
      return '%';
    case 'd':
      return values.homeDir;
    case 'h':
      return values.host;
    case 'n':
      return values.alias;
    case 'p':
      return String(values.port);
    case 'r':
      return values.user;
    case 'u':
      return values.localUser;
    default:
      return undefined;
  }
}
