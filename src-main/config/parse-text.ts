import JSON5 from 'json5';

/** A plain object as it was written down: nothing about its keys is known yet. */
export type Raw = Readonly<Record<string, unknown>>;

export type ParsedText =
  | { readonly status: 'readable'; readonly raw: Raw }
  | { readonly status: 'unreadable'; readonly line: number; readonly problem: string };

const MAX_LENGTH = 1024 * 1024;
/** Everything that walks through it afterwards calls itself once per level. */
const MAX_DEPTH = 100;

/** Reads JSON, with the comments and liberties of JSON5. Never throws. */
export function parseText(text: string): ParsedText {
  if (text.length > MAX_LENGTH) return { status: 'unreadable', line: 1, problem: 'the file is larger than 1 MiB' };
  try {
    const raw: unknown = JSON5.parse(text);
    if (!isRaw(raw)) return { status: 'unreadable', line: 1, problem: 'the file should hold one object: { … }' };
    if (isTooDeep(raw))
      return { status: 'unreadable', line: 1, problem: `it is nested more than ${MAX_DEPTH} levels deep` };
    return { status: 'readable', raw };
  } catch (error) {
    return { status: 'unreadable', ...locate(error) };
  }
}

export function isRaw(value: unknown): value is Raw {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isTooDeep(raw: Raw): boolean {
  let level: readonly object[] = [raw];
  for (let depth = 0; depth < MAX_DEPTH; depth += 1) {
    if (level.length === 0) return false;
    level = level.flatMap((each) => Object.values(each).filter((inner) => typeof inner === 'object' && inner !== null));
  }
  return level.length > 0;
}

/** Tells one character at most, never a piece of the text: it may be part of a secret. */
function locate(error: unknown): { readonly line: number; readonly problem: string } {
  const line = error instanceof Error && 'lineNumber' in error ? Number(error.lineNumber) : 1;
  const message = error instanceof Error ? error.message : '';
  const character = /invalid character ('.{1,8}') at/u.exec(message)?.[1];
  // `\n` is counted before it is found to be wrong, `\r` is not counted.
  if (character === String.raw`'\n'`) return { line: line - 1, problem: 'the line ends too early' };
  if (character === String.raw`'\r'`) return { line, problem: 'the line ends too early' };
  if (character !== undefined) {
    return { line, problem: `the character ${character.replace(/\\(?=["'])/, '')} does not belong there` };
  }
  if (message.includes('end of input')) return { line, problem: 'the file ends too early' };
  return { line, problem: 'the text is not valid' };
}
