/** Resolves with the first value that is not `undefined` or `false`; fails, with what was waited for, after a while. */
export async function until<T>(what: string, look: () => T | undefined | false, limitMs = 8_000): Promise<T> {
  const endMs = Date.now() + limitMs;
  for (;;) {
    const value = look();
    if (value !== undefined && value !== false) return value;
    if (Date.now() > endMs) throw new Error(`waited in vain for: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
