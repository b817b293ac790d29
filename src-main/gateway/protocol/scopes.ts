import type { ErrorShape } from './frames.ts';

/** `operator.admin` includes everything, `operator.write` includes reading. */
export function grants(scopes: readonly string[], wanted: string): boolean {
  if (scopes.includes('operator.admin') || scopes.includes(wanted)) return true;
  return wanted === 'operator.read' && scopes.includes('operator.write');
}

export function grantsAll(scopes: readonly string[], wanted: readonly string[]): boolean {
  return wanted.every((scope) => grants(scopes, scope));
}

/** With what a scope includes, sorted: `operator.write` → `operator.read`, `operator.write`. */
export function withIncluded(scopes: readonly string[]): readonly string[] {
  const all = new Set(scopes);
  if (all.has('operator.admin')) all.add('operator.write');
  if (all.has('operator.write')) all.add('operator.read');
  return [...all].toSorted();
}

export function missingScope(scope: string, required: readonly string[] = [scope]): ErrorShape {
  const details = { code: 'MISSING_SCOPE', missingScope: scope, requiredScopes: required };
  return { code: 'FORBIDDEN', message: `missing scope: ${scope}`, details };
}
