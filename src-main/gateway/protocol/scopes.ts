/** `operator.admin` includes everything, `operator.write` includes reading. */
export function grants(scopes: readonly string[], wanted: string): boolean {
  if (scopes.includes('operator.admin') || scopes.includes(wanted)) return true;
  return wanted === 'operator.read' && scopes.includes('operator.write');
}
