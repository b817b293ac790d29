import { createHash } from 'node:crypto';
import { tmpdir, userInfo } from 'node:os';
import { posix, win32 } from 'node:path';

import { fail } from '../contract/errors.ts';
import { homeRoot } from './home-root.ts';

export interface HomePaths {
  readonly root: string;
  readonly settings: string;
  readonly gatewayConfig: string;
  /** Folder. */
  readonly state: string;
  /** Folder. */
  readonly logs: string;
  /** A socket, or a named pipe on Windows. Its folder may not exist yet, and must be made with mode 0700. */
  readonly controlSocket: string;
  /** Folder. */
  readonly secrets: string;
}

const PROFILE = /^[a-z0-9][a-z0-9_-]{0,31}$/i;

/** The system keeps 104 (macOS) or 108 bytes for the path of a socket. */
const MAX_SOCKET_PATH_BYTES = 100;

/**
 * The folder everything is kept in: `homeRoot`, with `-NAME` at its end for a profile.
 *
 * @throws AppError `app/input-invalid` for a profile name that is no plain word.
 */
export function gangwayHome(env: NodeJS.ProcessEnv, homeDir: string, profile?: string): string {
  if (profile !== undefined && !PROFILE.test(profile)) {
    const problem = 'A profile name has up to 32 letters, digits, “-” and “_”, and begins with a letter or digit';
    throw fail('app/input-invalid', { call: 'profile', problem });
  }
  const root = homeRoot(env, homeDir);
  return profile === undefined ? root : `${root}-${profile}`;
}

export function homePaths(root: string, platform: NodeJS.Platform): HomePaths {
  const path = platform === 'win32' ? win32 : posix;
  return {
    root,
    settings: path.join(root, 'settings.json'),
    gatewayConfig: path.join(root, 'gateway.json5'),
    state: path.join(root, 'state'),
    logs: path.join(root, 'logs'),
    controlSocket: platform === 'win32' ? pipeName(root) : socketPath(root),
    secrets: path.join(root, 'secrets'),
  };
}

function socketPath(root: string): string {
  const inHome = posix.join(root, 'run', 'control.sock');
  if (Buffer.byteLength(inHome) <= MAX_SOCKET_PATH_BYTES) return inHome;
  return posix.join(tmpdir(), `gangway-${userId()}`, `${shortHash(root)}.sock`);
}

/** Pipes share one name space between all users. */
function pipeName(root: string): string {
  return `\\\\.\\pipe\\gangway-${shortHash(`${root.toLowerCase()}\n${userId()}`)}`;
}

function userId(): string {
  if (process.getuid) return String(process.getuid());
  try {
    return userInfo().username;
  } catch {
    return 'user';
  }
}

function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
