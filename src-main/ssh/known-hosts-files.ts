import { randomBytes } from 'node:crypto';

import { AppError, fail } from '../contract/errors.ts';
import type { Files } from '../platform/ports.ts';
import type { HostKey } from './host-key.ts';
import { hostHash, primaryName, type HostName, type KnownHostsFile } from './known-hosts.ts';

/**
 * Files that do not exist are left out.
 * @throws AppError `ssh/known-hosts-unreadable`: an unreadable file might hold a contradiction.
 */
export async function readKnownHosts(paths: readonly string[], files: Files): Promise<readonly KnownHostsFile[]> {
  const read = await Promise.all(paths.map(async (path) => ({ path, text: await readText(path, files) })));
  return read.flatMap(({ path, text }) => (text === undefined ? [] : [{ path, text }]));
}

/**
 * `undefined` when the file does not exist.
 * @throws AppError `ssh/known-hosts-unreadable`
 */
export async function readText(file: string, files: Files): Promise<string | undefined> {
  try {
    return await files.read(file);
  } catch (cause) {
    throw fail('ssh/known-hosts-unreadable', { file }, cause);
  }
}

/**
 * Adds a line as `ssh` would: hashed when that is wished for or the file already hides its names, on a line of its own even when the
 * last one has no end, in a new file of mode 0600 when there is none.
 * @throws AppError `ssh/known-hosts-unreadable`, `app/file-unwritable`
 */
export async function appendKnownHost(
  file: string,
  entry: { readonly name: HostName; readonly key: HostKey; readonly isHashed?: boolean | undefined },
  files: Files,
): Promise<void> {
  const text = await readText(file, files);
  const hashed = entry.isHashed === true || (text !== undefined && /^(@\S+\s+)?\|1\|/m.test(text));
  const line = `${hostField(entry.name, hashed)} ${entry.key.type} ${entry.key.blob.toString('base64')}\n`;
  try {
    // Written as a whole the first time, because that also makes the folder with mode 0700.
    if (text === undefined) await files.writeAtomic(file, line);
    else await files.append(file, text === '' || text.endsWith('\n') ? line : `\n${line}`);
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    const reason = (cause as NodeJS.ErrnoException).code ?? 'it could not be written';
    throw fail('app/file-unwritable', { file, reason }, cause);
  }
}

/** The first field of a new line. */
export function hostField(name: HostName, hashed: boolean): string {
  const plain = primaryName(name);
  if (!hashed) return plain;
  const salt = randomBytes(20);
  return `|1|${salt.toString('base64')}|${hostHash(plain, salt)}`;
}
