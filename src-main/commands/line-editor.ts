export type EditedLine =
  | { readonly status: 'open' }
  | { readonly status: 'done'; readonly text: string }
  /** Ctrl+C, or Ctrl+D on an empty line. */
  | { readonly status: 'given-up' };

const CTRL = { c: '\u0003', d: '\u0004', u: '\u0015', backspace: '\b', delete: '\u007F', escape: '\u001B' } as const;
/** What arrow and function keys send. */
// oxlint-disable-next-line no-control-regex -- they begin with one
const KEY_SEQUENCE = /^\u001B(?:[[O][\d;]*[ -/]*[@-~]?|.)?/;
const ERASE = '\b \b';

/** One line as it is typed on a terminal in raw mode: the little editing that a passphrase needs. */
export class LineEditor {
  readonly #show: (text: string) => void;
  #typed: readonly string[] = [];

  /** `show` is given what the person should see. */
  constructor(show: (text: string) => void) {
    this.#show = show;
  }

  /** Takes what was typed or pasted; `rest` is what came after the end of the line. */
  feed(text: string): { readonly line: EditedLine; readonly rest: string } {
    const plain = text.replaceAll('\r\n', '\r');
    for (let at = 0; at < plain.length;) {
      const skipped = KEY_SEQUENCE.exec(plain.slice(at))?.[0].length ?? 0;
      if (skipped > 0) {
        at += skipped;
        continue;
      }
      const character = String.fromCodePoint(plain.codePointAt(at) ?? 0);
      at += character.length;
      const line = this.#press(character);
      if (line.status !== 'open') return { line, rest: plain.slice(at) };
    }
    return { line: { status: 'open' }, rest: '' };
  }

  #press(character: string): EditedLine {
    switch (character) {
      case '\r':
      case '\n':
        return { status: 'done', text: this.#typed.join('') };
      case CTRL.c:
        return { status: 'given-up' };
      case CTRL.d:
        return this.#typed.length === 0 ? { status: 'given-up' } : { status: 'open' };
      case CTRL.backspace:
      case CTRL.delete:
        return this.#erase(1);
      case CTRL.u:
        return this.#erase(this.#typed.length);
    }
    // Other control characters are keys that mean nothing here.
    if (character < ' ') return { status: 'open' };
    this.#typed = [...this.#typed, character];
    this.#show(character);
    return { status: 'open' };
  }

  #erase(count: number): EditedLine {
    const erased = Math.min(count, this.#typed.length);
    this.#typed = this.#typed.slice(0, this.#typed.length - erased);
    this.#show(ERASE.repeat(erased));
    return { status: 'open' };
  }
}
