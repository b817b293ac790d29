const WINDOW_MS = 60_000;
const WRITTEN_PER_WINDOW = 5;
const MAX_LINES = 128;
const TIMESTAMP = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g;

interface Repeats {
  readonly sinceMs: number;
  seen: number;
  last: string;
}

export interface RepeatFilter {
  write(text: string): void;
  /** Tells what was counted and not yet told. */
  flush(): void;
}

/**
 * Passes the same line, timestamps aside, five times a minute and counts the rest; the count
 * follows as `repeated n times` in front of the last one. Holds no timer: a count is told with the
 * next line after its minute, or by `flush`.
 */
export function createRepeatFilter(pass: (text: string) => void, now: () => number): RepeatFilter {
  const lines = new Map<string, Repeats>();

  const tell = (key: string, { seen, last }: Repeats): void => {
    lines.delete(key);
    if (seen > WRITTEN_PER_WINDOW) pass(withCount(last, seen - WRITTEN_PER_WINDOW));
  };

  const tellOld = (): void => {
    const endMs = now() - WINDOW_MS;
    for (const [key, repeats] of lines) {
      // In the order of their first line; a clock that was set back ends the window as well.
      if (repeats.sinceMs > endMs && repeats.sinceMs <= now() && lines.size < MAX_LINES) return;
      tell(key, repeats);
    }
  };

  return {
    write(text) {
      tellOld();
      const key = text.replace(TIMESTAMP, '');
      const repeats = lines.get(key) ?? { sinceMs: now(), seen: 0, last: text };
      repeats.seen += 1;
      repeats.last = text;
      lines.set(key, repeats);
      if (repeats.seen <= WRITTEN_PER_WINDOW) pass(text);
    },
    flush() {
      for (const [key, repeats] of lines) tell(key, repeats);
    },
  };
}

/** A line of JSON stays one. */
function withCount(line: string, times: number): string {
  const note = `repeated ${times} times`;
  return line.startsWith('{') ? `{"note":"${note}",${line.slice(1)}` : `${note}: ${line}`;
}
