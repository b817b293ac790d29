import { AppError, fail } from '../../contract/errors.ts';
import { systemErrorCode } from '../../platform/system-error.ts';

/** Primary result codes of SQLite, https://sqlite.org/rescode.html */
const BUSY = 5;
const LOCKED = 6;
const CORRUPT = 11;
const NOT_A_DATABASE = 26;

const UNWRITABLE: Readonly<Record<number, string>> = {
  3: 'this user is not permitted to open it',
  8: 'the disk or the file is read-only',
  10: 'the disk reports a fault',
  13: 'there is no space left on the disk',
  14: 'it cannot be opened',
  23: 'this user is not permitted to open it',
};

const SYSTEM: Readonly<Record<string, string>> = {
  ENOSPC: 'there is no space left on the disk',
  EDQUOT: 'the disk quota is used up',
  EROFS: 'the disk is read-only',
  EACCES: 'this user is not permitted to write there',
  EPERM: 'this user is not permitted to write there',
  // So Node tells of a folder that a read-only disk refuses to make.
  ENOENT: 'its folder cannot be made; the disk may be read-only',
  ENOTDIR: 'a part of its path is not a folder',
  EEXIST: 'a part of its path is not a folder',
};

/** Whether another process holds the database. */
export function isHeld(error: unknown): boolean {
  const code = primaryCode(error);
  return code === BUSY || code === LOCKED;
}

/** A fault of the disk or of the file as a code of the catalogue; what is a fault of ours stays what it is. */
export function toStateError(file: string, error: unknown): unknown {
  if (error instanceof AppError) return error;
  const code = primaryCode(error);
  if (code === CORRUPT || code === NOT_A_DATABASE) return fail('gateway/state-damaged', { file }, error);
  const reason = code === undefined ? SYSTEM[systemErrorCode(error) ?? ''] : UNWRITABLE[code];
  return reason === undefined ? error : fail('gateway/state-unwritable', { file, reason }, error);
}

/** The lower byte says what happened; the rest says where, which helps nobody but SQLite. */
function primaryCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('errcode' in error)) return undefined;
  return typeof error.errcode === 'number' ? error.errcode & 0xff : undefined;
}
