// Line breaks and other controls tear a menu apart, and marks of direction let a name pass for another one.
const UNPRINTABLE = / *[\p{Cc}\p{Zl}\p{Zp}\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]+ */gu;

/** Text from a gateway, a server or a person, as one line that is safe to draw. */
export function plainText(text: string): string {
  return text.replace(UNPRINTABLE, ' ').trim();
}

/** `text` as one line of at most `maxChars`. */
export function shortened(text: string, maxChars: number): string {
  const plain = plainText(text);
  return plain.length <= maxChars ? plain : `${plain.slice(0, maxChars - 1).trimEnd()}…`;
}

/** Breaks a sentence into lines between words. A word that is longer than a line keeps a line of its own. */
export function wrapped(text: string, maxChars: number): readonly string[] {
  const lines: string[] = [];
  for (const word of plainText(text).split(/\s+/)) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= maxChars) lines[lines.length - 1] = `${last} ${word}`;
    else if (word !== '') lines.push(shortened(word, 2 * maxChars));
  }
  return lines;
}
