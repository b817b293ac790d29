/** Keys whose numbers are names: ids of users and devices have 64 bits, more than a number of JavaScript keeps. */
const IDS = new Set(['ID', 'UserID', 'User']);

type Reviver = (key: string, value: unknown, context: { readonly source?: string }) => unknown;

/** JSON of Tailscale, with ids as they were written. @throws SyntaxError */
export function parseWithIds(text: string): unknown {
  const revive: Reviver = (key, value, { source }) => (typeof value === 'number' && IDS.has(key) ? source : value);
  // The third parameter is of ES2025 and not in the types yet.
  return JSON.parse(text, revive as (key: string, value: unknown) => unknown);
}
