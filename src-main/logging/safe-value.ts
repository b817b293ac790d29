import { mask } from './mask.ts';
import { isSecretFlag, isSecretName } from './secret-patterns.ts';

const MAX_DEPTH = 8;
const MAX_ITEMS = 200;
const MAX_VISITS = 5_000;
const MAX_STRING_LENGTH = 8_192;

/**
 * Turns any value into plain data that may be written down: secrets removed by the name of their
 * field and by `redact`, circles and depth cut, bytes as their number, long text and lists shortened.
 *
 * Works on the values, not on finished JSON, so that nothing a value holds can shift the borders
 * between one field and the next.
 */
export function toSafeValue(value: unknown, redact: (text: string) => string): unknown {
  let visitsLeft = MAX_VISITS;
  const visit = (inner: unknown, depth: number): unknown => {
    visitsLeft -= 1;
    // Objects that share their parts grow without limit when every path is followed.
    return visitsLeft < 0 ? '[more]' : toPlain(inner, { redact, depth, safe: (next) => visit(next, depth + 1) });
  };
  return visit(value, 0);
}

interface Visit {
  readonly redact: (text: string) => string;
  readonly depth: number;
  readonly safe: (inner: unknown) => unknown;
}

function toPlain(value: unknown, { redact, depth, safe }: Visit): unknown {
  if (typeof value === 'string') return toSafeText(value, redact);
  if (typeof value === 'bigint') return value.toString();
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Uint8Array) return `[${value.length} bytes]`;
  if (depth >= MAX_DEPTH) return '[deeper]';
  return toSafeObject(value, safe, redact);
}

function toSafeObject(value: object, safe: (inner: unknown) => unknown, redact: (text: string) => string): unknown {
  if ('toJSON' in value && typeof value.toJSON === 'function') return safe(value.toJSON());
  if (value instanceof Error) return safe({ name: value.name, message: value.message });
  if (value instanceof Map) return safe(Object.fromEntries(value));
  if (value instanceof Set) return safe([...value]);
  if (Array.isArray(value)) return toSafeList(value, safe);
  const fields = Object.entries(value).slice(0, MAX_ITEMS);
  return Object.fromEntries(
    fields.map(([key, inner]) => [toSafeText(key, redact), isSecretName(key) ? hide(key, inner) : safe(inner)]),
  );
}

function toSafeList(list: readonly unknown[], safe: (inner: unknown) => unknown): readonly unknown[] {
  const shown = list.slice(0, MAX_ITEMS).map((item, index) => {
    const before = list[index - 1];
    // ["--token", "…"], and headers as Node gives them: ["Cookie", "…"].
    return typeof item === 'string' && typeof before === 'string' && isSecretFlag(before) ? mask(item) : safe(item);
  });
  return list.length > MAX_ITEMS ? [...shown, `[${list.length - MAX_ITEMS} more]`] : shown;
}

/** Numbers of tokens and the like are no secrets; a numeric password is. */
function hide(key: string, value: unknown): unknown {
  if (typeof value === 'string') return mask(value);
  if (typeof value === 'number') return /pass|secret/i.test(key) ? '«…»' : value;
  return typeof value === 'object' && value !== null ? '«…»' : value;
}

function toSafeText(text: string, redact: (text: string) => string): string {
  // Redacted before it is cut: half a secret would no longer be recognised.
  const safe = redact(text);
  const more = safe.length - MAX_STRING_LENGTH;
  return more > 0 ? `${safe.slice(0, MAX_STRING_LENGTH)}… (${more} more)` : safe;
}
