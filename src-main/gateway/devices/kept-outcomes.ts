import type { Clock } from '../../platform/ports.ts';
import type { InvocationOutcome } from './node-invocations.ts';

/** How long, and for how many, the answer to a key is kept for whoever asks again. */
const KEPT_MS = 600_000;
const MAX_KEPT = 1_000;
/** An answer may be as large as a frame, so all that are kept together are held to this, characters. */
const MAX_KEPT_CHARS = 32 * 1024 * 1024;

interface Kept {
  readonly outcome: Promise<InvocationOutcome>;
  readonly atMs: number;
  /** 0 while the answer is still to come. */
  chars: number;
}

/** Answers of nodes by their keys, the oldest first; what goes beyond the bounds is forgotten from there. */
export class KeptOutcomes {
  readonly #clock: Clock;
  readonly #byKey = new Map<string, Kept>();
  #chars = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The answer to a key, given or still to come. */
  get(key: string): Promise<InvocationOutcome> | undefined {
    const kept = this.#byKey.get(key);
    return kept === undefined || this.#isOver(kept) ? undefined : kept.outcome;
  }

  keep(key: string, outcome: Promise<InvocationOutcome>): void {
    this.#forget(key);
    const kept: Kept = { outcome, atMs: this.#clock.now(), chars: 0 };
    this.#byKey.set(key, kept);
    for (const [each, older] of this.#byKey) {
      if (this.#byKey.size <= MAX_KEPT && !this.#isOver(older)) break;
      this.#forget(each);
    }
    void outcome.then((settled) => this.#settled(key, kept, charsOf(settled)));
  }

  #settled(key: string, kept: Kept, chars: number): void {
    if (this.#byKey.get(key) !== kept) return;
    kept.chars = chars;
    this.#chars += chars;
    for (const [each, older] of this.#byKey) {
      if (this.#chars <= MAX_KEPT_CHARS) return;
      // One that is still to come weighs nothing yet, and its command must not run twice.
      if (older.chars > 0) this.#forget(each);
    }
  }

  #forget(key: string): void {
    this.#chars -= this.#byKey.get(key)?.chars ?? 0;
    this.#byKey.delete(key);
  }

  #isOver({ atMs }: Kept): boolean {
    return this.#clock.now() - atMs >= KEPT_MS;
  }
}

function charsOf(outcome: InvocationOutcome): number {
  if (outcome.status === 'failed') return outcome.error.message.length;
  const { payload, payloadJSON = JSON.stringify(payload) ?? '' } = outcome;
  return payloadJSON.length;
}
