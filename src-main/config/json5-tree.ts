import { tokensOf, unquoted } from './key-line.ts';

/** Where a value stands in a text, from its first character to behind its last. */
interface Range {
  readonly start: number;
  readonly end: number;
}

export interface Member {
  readonly key: string;
  readonly keyStart: number;
  readonly isQuoted: boolean;
  readonly value: Node;
  /** Behind the comma that follows, if one does. */
  readonly commaEnd: number | undefined;
}

export type Node =
  | ({ readonly kind: 'object'; readonly members: readonly Member[] } & Range)
  | ({ readonly kind: 'list'; readonly items: readonly Node[] } & Range)
  | ({ readonly kind: 'scalar' } & Range);

interface Token {
  readonly kind: string;
  readonly source: string;
  readonly offset: number;
}

/** The places of all values in a JSON5 text that is known to be valid. */
export function json5Tree(text: string): Node {
  return new Reader([...tokensOf(text)]).value();
}

class Reader {
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  value(): Node {
    const { source, offset } = this.#take();
    if (source === '{') return this.#object(offset);
    if (source === '[') return this.#list(offset);
    return { kind: 'scalar', start: offset, end: offset + source.length };
  }

  #object(start: number): Node {
    const members: Member[] = [];
    while (this.#peek() !== '}') {
      const { kind, source, offset: keyStart } = this.#take();
      const isQuoted = kind === 'string';
      // The colon.
      this.#take();
      const value = this.value();
      members.push({ key: isQuoted ? unquoted(source) : source, keyStart, isQuoted, value, commaEnd: this.#comma() });
    }
    return { kind: 'object', members, start, end: this.#take().offset + 1 };
  }

  #list(start: number): Node {
    const items: Node[] = [];
    while (this.#peek() !== ']') {
      items.push(this.value());
      this.#comma();
    }
    return { kind: 'list', items, start, end: this.#take().offset + 1 };
  }

  #comma(): number | undefined {
    return this.#peek() === ',' ? this.#take().offset + 1 : undefined;
  }

  #peek(): string | undefined {
    return this.#tokens[this.#at]?.source;
  }

  /** @throws TypeError when the text was not valid after all. */
  #take(): Token {
    const token = this.#tokens[this.#at];
    if (token === undefined) throw new TypeError('the text ends too early');
    this.#at += 1;
    return token;
  }
}
