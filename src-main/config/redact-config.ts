import { REDACTED } from '../contract/config-view.ts';
import { createRedactor } from '../logging/redact.ts';
import { isSecretFlag, isSecretName } from '../logging/secret-patterns.ts';
import { json5Tree, type Node } from './json5-tree.ts';
import { unquoted } from './key-line.ts';

const { redact } = createRedactor();

/**
 * A copy without secrets: whatever stands under a name such as `token` or `apiKey`, whole, and what in other texts looks
 * like one, such as the password in a URL.
 */
export function redactValue(value: unknown): unknown {
  if (typeof value === 'string') return redact(value);
  if (Array.isArray(value))
    return value.map((item, index) => (followsFlag(value, index) ? REDACTED : redactValue(item)));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, redactUnder(key, inner)]));
}

function redactUnder(key: string, value: unknown): unknown {
  if (!isSecretName(key) || value === null) return redactValue(value);
  return Array.isArray(value) ? value.map(() => REDACTED) : REDACTED;
}

/** `["--token", "…"]` */
function followsFlag(list: readonly unknown[], index: number): boolean {
  const before = list[index - 1];
  return typeof before === 'string' && isSecretFlag(before) && typeof list[index] === 'string';
}

/** Whether something of it was hidden, in either way. */
export function holdsMark(value: unknown): boolean {
  const text = JSON.stringify(value) ?? '';
  return text.includes(REDACTED) || text.includes('«…');
}

/** A valid JSON5 text without secrets, its comments included: what is commented out may have been one. */
export function redactText(text: string): string {
  const quoted = JSON.stringify(REDACTED);
  const places = secretsIn(json5Tree(text), text).toSorted((a, b) => b.start - a.start);
  const hidden = places.reduce((rest, { start, end }) => rest.slice(0, start) + quoted + rest.slice(end), text);
  // What is hidden must not be hidden once more under another mark.
  return hidden.split(quoted).map(redact).join(quoted);
}

function secretsIn(node: Node, text: string): readonly Place[] {
  if (node.kind === 'scalar') return [];
  if (node.kind === 'list') {
    const values = node.items.map((item) => valueOf(item, text));
    return node.items.flatMap((item, index) => (followsFlag(values, index) ? [item] : secretsIn(item, text)));
  }
  return node.members.flatMap(({ key, value }) => {
    if (!isSecretName(key)) return secretsIn(value, text);
    return value.kind === 'list' ? value.items : [value];
  });
}

type Place = Pick<Node, 'start' | 'end'>;

/** A text without its quotes; anything else is no text. */
function valueOf({ start, end }: Node, text: string): string | undefined {
  const source = text.slice(start, end);
  return /^["']/.test(source) ? unquoted(source) : undefined;
}
