import { posix, win32 } from 'node:path';

import type { Files } from '../../platform/ports.ts';
import { expandHome } from '../percent-tokens.ts';
import { lineFault, wordsOf, type ConfigLine } from './config-line.ts';

export interface IncludeDeps {
  readonly files: Pick<Files, 'list'>;
  readonly machine: {
    readonly homeDir: string;
    readonly platform: NodeJS.Platform;
    readonly env?: Readonly<Record<string, string | undefined>>;
  };
}

/** Whose file it is: relative paths start in its folder, and only a user has a home. */
export interface Scope {
  readonly folder: string;
  readonly isUser: boolean;
}

/**
 * The files that an `Include` line names, in the order in which they are read. Some may not exist.
 * @throws AppError `ssh/config-unreadable`
 */
export async function includedFiles(line: ConfigLine, scope: Scope, deps: IncludeDeps): Promise<readonly string[]> {
  const files: string[] = [];
  const list = (folder: string) =>
    deps.files.list(folder).catch((cause: unknown) => {
      throw lineFault(line, `“${folder}” may not be looked into`, cause);
    });
  for (const word of wordsOf(line)) {
    const pattern = anchored(word, line, { scope, machine: deps.machine });
    files.push(...(await glob(pattern, { list, platform: deps.machine.platform })));
  }
  return files;
}

function anchored(
  word: string,
  line: ConfigLine,
  { scope, machine }: Pick<IncludeDeps, 'machine'> & { readonly scope: Scope },
): string {
  if (word === '') throw lineFault(line, '“include” has an empty argument');
  // OpenSSH since 9.9 puts tokens in here, too. Taking them for a name would pass over the file in silence.
  if (word.includes('%')) throw lineFault(line, `only ssh can tell what “%” means in “${word}”`);
  const path = word.replaceAll(/\$\{([^}]*)\}/g, (_whole, name: string) => {
    const value = machine.env?.[name];
    if (value === undefined) throw lineFault(line, `“${name}” is not set in the environment`);
    return value;
  });
  const paths = machine.platform === 'win32' ? win32 : posix;
  if (!path.startsWith('~')) return paths.resolve(scope.folder, path);
  const absolute = scope.isUser ? expandHome(path, machine) : undefined;
  if (absolute === undefined) throw lineFault(line, `only ssh can tell where “${path}” is`);
  return absolute;
}

/** @see glob(7); classes such as `[:alpha:]` are not known here. */
async function glob(
  pattern: string,
  { list, platform }: Pick<Files, 'list'> & { readonly platform: NodeJS.Platform },
): Promise<readonly string[]> {
  const paths = platform === 'win32' ? win32 : posix;
  const { root } = paths.parse(pattern);
  let found = [root];
  for (const part of pattern.slice(root.length).split(paths.sep)) {
    const isFixed = !/[*?[]/.test(part);
    const names = async (folder: string) => (isFixed ? [part] : (await list(folder)).filter(fits(part)));
    const next = found.map(async (folder) => (await names(folder)).map((name) => paths.join(folder, name)));
    found = (await Promise.all(next)).flat();
  }
  return found.toSorted((one, other) => (one < other ? -1 : 1));
}

function fits(part: string): (name: string) => boolean {
  const source = part.replaceAll(/\*+|\?|\[([!^]?)(\]?[^\]]*)\]|[^*?[]+|\[/g, (piece, not?: string, set?: string) => {
    if (set !== undefined) return `[${not === '' ? '' : '^'}${set.replaceAll(/[\\\]^[]/g, String.raw`\$&`)}]`;
    if (piece.startsWith('*')) return '.*';
    return piece === '?' ? '.' : piece.replaceAll(/[\\^$.+()[\]{}|/]/g, String.raw`\$&`);
  });
  const whole = toRegExp(`^${source}$`);
  // A hidden file is only named by its dot.
  return (name) => whole?.test(name) === true && (part.startsWith('.') || !name.startsWith('.'));
}

/** `undefined` for a range that runs backwards, which matches nothing. */
function toRegExp(source: string): RegExp | undefined {
  try {
    return new RegExp(source, 'su');
  } catch {
    return undefined;
  }
}
