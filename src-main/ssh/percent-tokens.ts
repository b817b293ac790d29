import { posix, win32 } from 'node:path';

export interface TokenValues {
  readonly homeDir: string;
  readonly localUser: string;
  readonly localHost: string | undefined;
  readonly userId: number | undefined;
  readonly hostKeyAlias: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The name that was asked for, before `HostName` replaced it. */
  readonly alias: string;
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly platform: NodeJS.Platform;
}

/**
 * Expands `~`, the %-tokens and the `${NAME}` of ssh_config(5) in a file name. `ssh -G` leaves them
 * raw in IdentityFile. `undefined` when one is not known here: the path cannot be told then.
 */
export function expandPath(path: string, values: TokenValues): string | undefined {
  let known = true;
  const expanded = path.replaceAll(/%(.?)|\$\{([^}]*)\}/gs, (_whole, token: string | undefined, name: string) => {
    const value = token === undefined ? values.env[name] : TOKENS[token]?.(values);
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

const TOKENS: Readonly<Record<string, (values: TokenValues) => string | undefined>> = {
  '%': () => '%',
  d: ({ homeDir }) => homeDir,
  h: ({ host }) => host,
  i: ({ userId }) => userId?.toString(),
  k: ({ hostKeyAlias, alias }) => hostKeyAlias ?? alias,
  l: ({ localHost }) => localHost,
  L: ({ localHost }) => localHost?.split('.')[0],
  n: ({ alias }) => alias,
  p: ({ port }) => String(port),
  r: ({ user }) => user,
  u: ({ localUser }) => localUser,
};
