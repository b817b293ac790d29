/** `ENOENT`, `EADDRINUSE`, …: the code of a system error, `undefined` for every other failure. */
export function systemErrorCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/** A failure of our own that callers tell apart by its code, the way they do with the system's. */
export function systemError(code: string, message: string): Error & { readonly code: string } {
  return Object.assign(new Error(message), { code });
}
