import { fail, type AppError } from '../../contract/errors.ts';

/** A line of ssh_config(5) that says something. */
export interface ConfigLine {
  readonly file: string;
  readonly number: number;
  /** In lower case. */
  readonly keyword: string;
  /** All behind the keyword and its `=`, without spaces around it. */
  readonly rest: string;
}

/** `undefined` for an empty line and for a comment. */
export function parseLine(text: string, place: Pick<ConfigLine, 'file' | 'number'>): ConfigLine | undefined {
  const said = text.replace(/[ \t\r\f]+$/, '');
  const [, keyword, rest = ''] = /^[ \t\r]*"?([^ \t\r"=]+)"?[ \t\r]*=?[ \t\r]*(.*)$/s.exec(said) ?? [];
  if (keyword === undefined || keyword.startsWith('#')) return undefined;
  return { ...place, keyword: keyword.toLowerCase(), rest };
}

/** What is wrong, and in which line. `ssh` refuses the whole file for it too. */
export function lineFault({ file, number }: ConfigLine, problem: string, cause?: unknown): AppError {
  return fail('ssh/config-unreadable', { file, problem: `line ${number}: ${problem}` }, cause);
}

// A backslash counts only before what it can take the meaning of; a quote that has no end is left as a character.
const QUOTED = String.raw`(?:\\["'\\]|\\(?!["'\\])|[^\\Q])*`;
const PIECE = new RegExp(
  String.raw`\\(["'\\ ])|"(${QUOTED.replace('Q', '"')})"|'(${QUOTED.replace('Q', "'")})'|.`,
  'gs',
);

/**
 * The arguments of a line up to a comment, without quotes and escapes.
 * @throws AppError `ssh/config-unreadable`
 * @see `argv_split` of OpenSSH
 */
export function wordsOf(line: ConfigLine): readonly string[] {
  if (line.rest === '') throw lineFault(line, `“${line.keyword}” has no argument`);
  const words: string[] = [];
  let word: string | undefined;
  for (const piece of line.rest.matchAll(PIECE)) {
    const [raw] = piece;
    if (word === undefined && raw === '#') break;
    if (raw === '"' || raw === "'") throw lineFault(line, 'a quote is not closed');
    const isSpace = raw === ' ' || raw === '\t';
    if (isSpace) words.push(...given(word));
    word = isSpace ? undefined : `${word ?? ''}${plain(piece)}`;
  }
  return [...words, ...given(word)];
}

function given(word: string | undefined): readonly string[] {
  return word === undefined ? [] : [word];
}

function plain([raw, escaped, double, single]: RegExpExecArray): string {
  return escaped ?? (double ?? single)?.replaceAll(/\\(["'\\])/g, '$1') ?? raw;
}

/** @throws AppError `ssh/config-unreadable` */
export function onlyWord(line: ConfigLine): string {
  const [word = '', ...more] = wordsOf(line);
  if (word === '') throw lineFault(line, `“${line.keyword}” has no argument`);
  if (more.length > 0) throw lineFault(line, `“${line.keyword}” takes one argument, in quotes if it has spaces`);
  return word;
}
