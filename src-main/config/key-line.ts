/**
 * The line (from 1) on which a key or a list element of a JSON or JSON5 text begins, for messages
 * that point at it. Of several equal keys the last one counts, as when parsing; where the path is
 * not in the text, its nearest ancestor is told. The text need not be valid.
 *
 * `path` names keys and indices from the outside in: `['gateways', 1, 'name']`.
 */
export function keyLine(text: string, path: readonly (string | number)[]): number {
  const wanted = path.map(String);
  const walk = new Walk();
  let offsets: readonly number[] = [];
  for (const { kind, source, offset } of tokensOf(text)) {
    const depth = walk.take(kind, source);
    if (depth === 0 || !walk.isOn(wanted, depth)) continue;
    // What was found below an earlier key of the same name is void.
    offsets = [...offsets.slice(0, depth - 1), offset];
  }
  return lineAt(text, offsets.at(-1) ?? 0);
}

/** The line of an offset into the text; all three kinds of line end count. */
export function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split(/\r\n|\n|\r/).length;
}

export type TokenKind = 'punctuation' | 'string' | 'word';

// Comments and space match without a group. A string may lack its end; anything else is a word.
const TOKEN =
  /\s+|\uFEFF|\/\/[^\n\r]*|\/\*[\s\S]*?(?:\*\/|$)|([{}[\]:,])|("(?:[^"\\]|\\[\s\S])*"?|'(?:[^'\\]|\\[\s\S])*'?)|((?:[^\s{}[\]:,"'/]|\/(?![/*]))+)/g;

export function* tokensOf(text: string): Generator<{ kind: TokenKind; source: string; offset: number }> {
  for (const { 0: source, 1: punctuation, 2: string, index: offset } of text.matchAll(TOKEN)) {
    if (punctuation !== undefined) yield { kind: 'punctuation', source, offset };
    else if (string !== undefined) yield { kind: 'string', source, offset };
    else if (!/^(?:[\s\uFEFF]|\/[/*])/.test(source)) yield { kind: 'word', source, offset };
  }
}

interface Level {
  readonly list: boolean;
  /** The current key, or the index of the current element. */
  key: string | number;
  /** What comes next is a key, or the first part of an element. */
  fresh: boolean;
}

/** Knows at each token below which keys and indices it stands. */
class Walk {
  readonly #levels: Level[] = [];

  /** The depth of the key or element that begins with this token, 0 when none does. */
  take(kind: TokenKind, source: string): number {
    if (kind !== 'punctuation') return this.#begin(kind === 'string' ? unquoted(source) : source);
    if (source === '{' || source === '[') return this.#open(source === '[');
    if (source === '}' || source === ']') this.#levels.pop();
    if (source === ',') this.#next();
    return 0;
  }

  /** Whether the outer `depth` levels stand at the first keys of `path`. */
  isOn(path: readonly string[], depth: number): boolean {
    if (depth > path.length) return false;
    return this.#levels.slice(0, depth).every(({ key }, index) => String(key) === path[index]);
  }

  #begin(key: string): number {
    const level = this.#levels.at(-1);
    if (!level?.fresh) return 0;
    level.fresh = false;
    if (!level.list) level.key = key;
    return this.#levels.length;
  }

  #open(list: boolean): number {
    const parent = this.#levels.at(-1);
    const begins = parent?.list === true && parent.fresh;
    if (begins) parent.fresh = false;
    this.#levels.push({ list, key: list ? 0 : '', fresh: true });
    return begins ? this.#levels.length - 1 : 0;
  }

  #next(): void {
    const level = this.#levels.at(-1);
    if (!level) return;
    level.fresh = true;
    if (typeof level.key === 'number') level.key += 1;
  }
}

export function unquoted(source: string): string {
  return source
    .slice(1, -1)
    .replace(/\\(?:u([0-9a-f]{4})|([\s\S]))/gi, (_match, code: string | undefined, plain: string) =>
      code === undefined ? plain : String.fromCharCode(Number.parseInt(code, 16)),
    );
}
