import { SECRET_PATTERNS } from './secret-patterns.ts';
import { mask } from './mask.ts';

export interface Redactor {
  /**
   * Registers a value that must never appear, in any of its usual encodings. Values of fewer than
   * six characters are ignored: removing them would garble every line without hiding them.
   */
  readonly add: (secret: string) => void;
  /** Idempotent. Works on text of any kind, also on JSON text. */
  readonly redact: (text: string) => string;
}

const MIN_SECRET_LENGTH = 6;

/**
 * Removes secrets from text, in this order: the registered values, the values of fields whose name
 * says so, and shapes that only secrets have. A value is kept recognisable by its last four
 * characters when it has twenty or more: `«…abcd»`.
 */
export function createRedactor(): Redactor {
  const masks = new Map<string, string>();
  let registered: RegExp | undefined;
  return {
    add(secret) {
      if (secret.length < MIN_SECRET_LENGTH) return;
      for (const form of encodings(secret)) masks.set(form, mask(secret));
      registered = anyOf([...masks.keys()]);
    },
    redact(text) {
      const known = registered ? text.replace(registered, (form) => masks.get(form) ?? mask(form)) : text;
      return SECRET_PATTERNS.reduce((rest, { pattern, replace }) => rest.replace(pattern, replace), known);
    },
  };
}

function encodings(secret: string): readonly string[] {
  const bytes = Buffer.from(secret);
  const base64 = bytes.toString('base64').replace(/=+$/, '');
  const escaped = JSON.stringify(secret).slice(1, -1);
  return [
    secret,
    encodeURIComponent(secret.toWellFormed()),
    base64,
    encodeURIComponent(base64),
    bytes.toString('base64url'),
    escaped,
    JSON.stringify(escaped).slice(1, -1),
  ];
}

/** Longest first, so that a secret which begins with another one is removed as a whole. */
function anyOf(forms: readonly string[]): RegExp {
  const sources = forms
    .toSorted((a, b) => b.length - a.length)
    .map((form) => form.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&'));
  return new RegExp(sources.join('|'), 'g');
}
