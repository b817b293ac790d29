import { randomBytes } from 'node:crypto';
import {
  chmod,
  copyFile,
  mkdir,
  open,
  readdir,
  readFile,
  realpath,
  rename,
  rm,
  stat,
  type FileHandle,
} from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

import { fail, type AppError } from '../contract/errors.ts';
import type { Files } from './ports.ts';
import { systemError, systemErrorCode } from './system-error.ts';

const FILE_MODE = 0o600;
const FOLDER_MODE = 0o700;

/** Virus scanners and indexers hold a fresh file on Windows for a moment; then renaming over it is refused. */
const RENAME_RETRY_DELAYS_MS = [10, 30, 100, 300, 600];

const REASONS: Readonly<Record<string, string>> = {
  ENOSPC: 'there is no space left on the disk',
  EDQUOT: 'the disk quota is used up',
  EROFS: 'the disk is read-only',
  EACCES: 'this user is not permitted to write there',
  EPERM: 'this user is not permitted to write there',
  ENOENT: 'it does not exist',
  NO_FOLDER: 'its folder cannot be made; the disk may be read-only',
  ENOTDIR: 'a part of its path is not a folder',
  EEXIST: 'a part of its path is not a folder',
  EISDIR: 'it is a folder',
  ENAMETOOLONG: 'its name is too long',
  EBUSY: 'another program holds it',
  EMFILE: 'too many files are open',
  EIO: 'the disk reports a fault',
};

/**
 * Files on the disk of this computer.
 *
 * `read` and `list` reject with the system error when what they are about exists and cannot be read; everything that
 * writes rejects with AppError `app/file-unwritable`.
 */
export function createNodeFiles(): Files {
  return {
    read: readText,
    list: listFolder,
    writeAtomic: (path, text) => translated(path, () => replaceFile(path, text)),
    rewrite: (path, text) => translated(path, async () => replaceFile(path, text, (await stat(path)).mode & 0o777)),
    append: (path, text) => translated(path, () => appendText(path, text)),
    copy: (from, to) => translated(to, () => copyInto(from, to)),
    remove: (path) => translated(path, () => rm(path, { force: true })),
  };
}

async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
}

async function listFolder(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (isAbsent(error)) return [];
    throw error;
  }
}

async function replaceFile(path: string, text: string, mode = FILE_MODE): Promise<void> {
  // A link, as dotfile managers set them, must go on pointing at the one real file.
  const target = await realpath(path).catch(() => path);
  const folder = dirname(target);
  await makeFolder(folder);
  const temporary = join(folder, `.${basename(target)}.${randomBytes(6).toString('hex')}.tmp`);
  try {
    // `wx`: never through a file or link somebody else has put there.
    await writeDurably(await open(temporary, 'wx', FILE_MODE), text);
    // Set, not asked for: the umask must not take away what the file had.
    if (mode !== FILE_MODE) await chmod(temporary, mode);
    await renameOver(temporary, target);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw error;
  }
  await syncFolder(folder);
}

/** Without the sync a power cut can leave the new name on an empty file. */
async function writeDurably(handle: FileHandle, text: string): Promise<void> {
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function renameOver(from: string, to: string): Promise<void> {
  for (const delayMs of process.platform === 'win32' ? RENAME_RETRY_DELAYS_MS : []) {
    const refused = await rename(from, to).then(
      () => undefined,
      (error: unknown) => error,
    );
    if (refused === undefined) return;
    if (!['EPERM', 'EACCES', 'EBUSY'].includes(systemErrorCode(refused) ?? '')) throw refused;
    await wait(delayMs);
  }
  await rename(from, to);
}

async function syncFolder(folder: string): Promise<void> {
  // Windows and some network file systems cannot do this; the file itself is safe already.
  const handle = await open(folder, 'r').catch(() => undefined);
  await handle?.sync().catch(() => undefined);
  await handle?.close().catch(() => undefined);
}

/** Node tells of a folder that a read-only disk refuses as of one that is not there. */
async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true, mode: FOLDER_MODE });
  } catch (error) {
    throw systemErrorCode(error) === 'ENOENT' ? systemError('NO_FOLDER', `${folder} cannot be made`) : error;
  }
}

async function appendText(path: string, text: string): Promise<void> {
  await makeFolder(dirname(path));
  await writeDurably(await open(path, 'a', FILE_MODE), text);
}

async function copyInto(from: string, to: string): Promise<void> {
  await makeFolder(dirname(to));
  await copyFile(from, to);
}

async function translated(file: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    throw unwritable(file, error);
  }
}

function unwritable(file: string, cause: unknown): AppError {
  const code = systemErrorCode(cause);
  const reason = REASONS[code ?? ''] ?? `the system reports ${code ?? 'a fault'}`;
  return fail('app/file-unwritable', { file, reason }, cause);
}

function isAbsent(error: unknown): boolean {
  return ['ENOENT', 'ENOTDIR'].includes(systemErrorCode(error) ?? '');
}
