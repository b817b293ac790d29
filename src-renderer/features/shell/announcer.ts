export interface AnnouncerDeps {
  readonly now: () => number;
  /** Runs `task` once after `delayMs`; returns how to cancel. */
  readonly after: (delayMs: number, task: () => void) => () => void;
  readonly say: (text: string) => void;
}

const PAUSE_MS = 5_000;

/** Passes on at most one text per 5 s, always the latest; what changed back meanwhile is never said. */
export class Announcer {
  readonly #deps: AnnouncerDeps;
  #said: string;
  #latest: string;
  #saidAtMs = -Infinity;
  #cancel: (() => void) | undefined;

  /** `first` is what is on the screen already and needs no announcement. */
  constructor(deps: AnnouncerDeps, first: string) {
    this.#deps = deps;
    this.#said = first;
    this.#latest = first;
  }

  announce(text: string): void {
    this.#latest = text;
    if (this.#cancel !== undefined || text === this.#said) return;
    const delayMs = Math.max(0, this.#saidAtMs + PAUSE_MS - this.#deps.now());
    if (delayMs === 0) this.#say();
    else this.#cancel = this.#deps.after(delayMs, () => this.#say());
  }

  close(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #say(): void {
    this.#cancel = undefined;
    if (this.#latest === this.#said) return;
    this.#said = this.#latest;
    this.#saidAtMs = this.#deps.now();
    this.#deps.say(this.#latest);
  }
}
