const LIMIT_MS = 2000;
const pending = new Set<Promise<unknown>>();

/** Work that the process should not leave half done when it exits. Never rejects: the caller handles failures. */
export function track<T>(work: Promise<T>): Promise<T> {
  const settled = work.then(
    () => undefined,
    () => undefined,
  );
  pending.add(settled);
  void settled.then(() => pending.delete(settled));
  return work;
}

/** Resolves when all tracked work is done, at the latest after two seconds. */
export async function settlePendingWork(): Promise<void> {
  const limit = new Promise((resolve) => setTimeout(resolve, LIMIT_MS).unref());
  await Promise.race([Promise.all(pending), limit]);
}
