import { existsSync, mkdirSync, openSync, closeSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** One thing that goes wrong. `faults.json` is a list of them. */
export type Fault = { readonly id: string; readonly on: string; readonly skip?: number; readonly times?: number } & (
  | { readonly kind: 'exit'; readonly code: number; readonly stdout?: string; readonly stderr?: string }
  | { readonly kind: 'hang'; readonly stdout?: string; readonly ignoresTerm?: boolean }
  | { readonly kind: 'delay'; readonly ms: number }
  | { readonly kind: 'prepend'; readonly stdout: string }
  | { readonly kind: 'split'; readonly bytes: number; readonly ms: number }
  | { readonly kind: 'pad'; readonly bytes: number }
  | { readonly kind: 'ignore-term' }
  | { readonly kind: 'die-when-ready'; readonly code: number }
  | { readonly kind: 'answer'; readonly status: number; readonly body: string }
  | { readonly kind: 'cut' }
  | { readonly kind: 'patch'; readonly json: Readonly<Record<string, unknown>> }
  | { readonly kind: 'foreign-claim'; readonly port: number }
);

/**
 * The next fault for what happens now: `serve`, `status`, `whois` for a command of the program, `api:serve-config` for a
 * question to the daemon. Each counts down `times` (1 unless said, 0 for always) after `skip` calls were spared.
 */
export function takeFault(folder: string, on: string): Fault | undefined {
  const file = join(folder, 'faults.json');
  if (!existsSync(file)) return undefined;
  const faults = JSON.parse(readFileSync(file, 'utf8')) as readonly Fault[];
  return faults.find((fault) => fault.on === on && isTurnOf(folder, fault));
}

function isTurnOf(folder: string, { id, skip = 0, times = 1 }: Fault): boolean {
  const turn = nextTurn(folder, id);
  return turn >= skip && (times === 0 || turn < skip + times);
}

/** Counts over all processes without a lock: whoever makes the file has that number. */
function nextTurn(folder: string, id: string): number {
  const counters = join(folder, 'faults.taken');
  mkdirSync(counters, { recursive: true });
  for (let turn = 0; ; turn += 1) {
    try {
      closeSync(openSync(join(counters, `${id}.${turn}`), 'wx'));
      return turn;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}
