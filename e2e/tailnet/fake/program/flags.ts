/** A flag with a value, or without one. */
export type FlagKind = 'word' | 'switch';

export interface Parsed {
  readonly flags: ReadonlyMap<string, string>;
  readonly rest: readonly string[];
}

/** Words that the program does not take; it ends with 2 then. */
export class UsageError extends Error {}

/**
 * Flags as the `flag` package of Go reads them: `-x` and `--x`, a value after `=` or as the next word, none after the first
 * word that is no flag. Tailscale refuses one that is said twice.
 *
 * @throws UsageError
 */
export function parseFlags(words: readonly string[], known: Readonly<Record<string, FlagKind>>): Parsed {
  const flags = new Map<string, string>();
  const rest = [...words];
  for (;;) {
    const [word] = rest;
    if (word === undefined || !/^--?[^-]/.test(word)) break;
    rest.shift();
    const { name, value } = split(word);
    const kind = known[name];
    if (kind === undefined) throw new UsageError(`flag provided but not defined: -${name}`);
    if (flags.has(name)) throw new UsageError(`invalid value for flag -${name}: flag provided multiple times`);
    const said = value ?? (kind === 'switch' ? 'true' : rest.shift());
    if (said === undefined) throw new UsageError(`flag needs an argument: -${name}`);
    flags.set(name, said);
  }
  if (rest[0] === '--') rest.shift();
  return { flags, rest };
}

function split(word: string): { readonly name: string; readonly value: string | undefined } {
  const [, name = '', value] = /^--?([^=]+)(?:=(.*))?$/.exec(word) ?? [];
  return { name, value };
}
