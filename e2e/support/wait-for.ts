import { setTimeout as pause } from 'node:timers/promises';

const INTERVAL_MS = 20;

export interface WaitOptions {
  /** What is waited for, for the error: "the tray menu". */
  readonly what: string;
  /** 10 000 by default. */
  readonly timeoutMs?: number;
}

/**
 * Polls until `probe` gives something.
 *
 * @throws Error when the time is over.
 */
export async function waitFor<T>(
  probe: () => Promise<T | undefined> | T | undefined,
  options: WaitOptions,
): Promise<T> {
  const timeoutMs = options.timeoutMs ?? 10_000;
  const endMs = performance.now() + timeoutMs;
  for (;;) {
    const found = await probe();
    if (found !== undefined) return found;
    if (performance.now() > endMs) throw new Error(`Waited ${timeoutMs} ms in vain for ${options.what}.`);
    await pause(INTERVAL_MS);
  }
}
