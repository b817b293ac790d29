import { fail } from '../contract/errors.ts';
import type { Files } from '../platform/ports.ts';
import { patchedText, type GatewayConfigFile } from './gateway-config-file.ts';
import type { Raw } from './parse-text.ts';

/** A change of the configuration that can be taken back. Holds secrets: it stays in memory. */
export interface UndoableChange {
  /** The text before; absent when there was no file. */
  readonly before: string | undefined;
  /** The text after it; absent when somebody else has written in the same moment: then there is nothing to compare with. */
  readonly after: string | undefined;
}

/** Somebody who edits the file at this very moment is waited for so often. */
const ATTEMPTS = 3;

/**
 * Merges a change into the configuration and remembers the text before.
 *
 * @throws AppError `config/unreadable`, `config/key-invalid` when the outcome could not be used, `app/file-unwritable`;
 *   the file is as it was then.
 */
export async function changeConfig(config: GatewayConfigFile, patch: object, files: Files): Promise<UndoableChange> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const before = await files.read(config.path);
    const { hash } = await config.view();
    // The hash must be that of the text: it is the proof that the patch changes this and nothing else.
    if ((await files.read(config.path)) !== before) continue;
    const outcome = await config.patch(JSON.stringify(patch), hash);
    if (outcome.status === 'written') {
      const after = await files.read(config.path);
      return { before, after: (await config.view()).hash === outcome.view.hash ? after : undefined };
    }
    if (outcome.status === 'invalid') throw unusable(config.path, outcome.issues[0]);
  }
  throw fail('app/file-unwritable', { file: config.path, reason: 'another program keeps changing it' });
}

/**
 * Puts back the text before a change, to the byte. `since` is what Gangway itself may have written after it.
 *
 * @throws AppError `tailscale/undo-impossible` when the file is not what the change, or `since`, left; it is left alone then.
 */
export async function undoChange(
  path: string,
  { before, after, since }: UndoableChange & { readonly since: Raw },
  files: Files,
): Promise<void> {
  const now = await files.read(path);
  const isOurs = after !== undefined && (now === after || now === patchedText(after, since));
  if (!isOurs) throw fail('tailscale/undo-impossible', { file: path });
  if (before === undefined) await files.remove(path);
  else await files.writeAtomic(path, before);
}

function unusable(file: string, issue: { readonly path: string; readonly message: string } | undefined) {
  const { path = '', message = 'it cannot be understood' } = issue ?? {};
  if (path === '') return fail('config/unreadable', { file, line: 1, problem: message });
  return fail('config/key-invalid', { file, line: 1, key: path, expected: message.replace(/^should be /, '') });
}
