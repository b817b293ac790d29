import { REDACTED } from '../contract/config-view.ts';
import { createRedactor } from '../logging/redact.ts';
import { isSecretName } from '../logging/secret-patterns.ts';
import { json5Tree, type Node } from './json5-tree.ts';

/** A copy without secrets: whatever stands under a name such as `token` or `apiKey`, whole. */
export function redactValue(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(redactValue);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, isSecret(key, inner) ? REDACTED : redactValue(inner)]),
  );
}

/** A valid JSON5 text without secrets, its comments included: what is commented out may have been one. */
export function redactText(text: string): string {
  const quoted = JSON.stringify(REDACTED);
  const places = secretsIn(json5Tree(text)).toSorted((a, b) => b.start - a.start);
  const hidden = places.reduce((rest, { start, end }) => rest.slice(0, start) + quoted + rest.slice(end), text);
  const { redact } = createRedactor();
  // What is hidden must not be hidden once more under another mark.
  return hidden.split(quoted).map(redact).join(quoted);
}

function secretsIn(node: Node): readonly { readonly start: number; readonly end: number }[] {
  if (node.kind === 'list') return node.items.flatMap(secretsIn);
  if (node.kind === 'scalar') return [];
  return node.members.flatMap(({ key, value }) => {
    const isHidden = isSecretName(key) && value.kind !== 'list';
    return isHidden ? [{ start: value.start, end: value.end }] : secretsIn(value);
  });
}

function isSecret(key: string, value: unknown): boolean {
  return isSecretName(key) && !Array.isArray(value) && value !== null;
}
