import type { LogFields, Logger } from '../../platform/ports.ts';

export interface StabilityEvent {
  /** 1, 2, 3, … since the start. */
  readonly seq: number;
  readonly ts: number;
  readonly type: string;
  readonly message?: string;
}

const CAPACITY = 1_000;

/** The last noteworthy moments of this process, for diagnosis. Holds constant texts only, never their fields. */
export class StabilityLog {
  readonly #nowMs: () => number;
  readonly #events: StabilityEvent[] = [];
  #lastSeq = 0;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  record(type: string, message?: string): void {
    this.#lastSeq += 1;
    this.#events.push({ seq: this.#lastSeq, ts: this.#nowMs(), type, ...(message !== undefined && { message }) });
    if (this.#events.length > CAPACITY) this.#events.shift();
  }

  read({ limit, type }: { readonly limit: number; readonly type?: string | undefined }): Record<string, unknown> {
    const found = type === undefined ? this.#events : this.#events.filter((event) => event.type === type);
    const events = found.slice(-limit);
    const byType = Object.fromEntries(
      Object.entries(Object.groupBy(found, (event) => event.type)).map(([name, of]) => [name, of?.length ?? 0]),
    );
    return {
      capacity: CAPACITY,
      count: found.length,
      dropped: this.#lastSeq - this.#events.length,
      ...(events.length > 0 && { firstSeq: events[0]?.seq, lastSeq: events.at(-1)?.seq }),
      events,
      summary: { byType },
    };
  }
}

/** A logger that also keeps what is wrong as a noteworthy moment. */
export function watched(log: Logger, stability: StabilityLog): Logger {
  const keep = (level: 'warn' | 'error') => (message: string, fields?: LogFields) => {
    stability.record(`log.${level}`, message);
    log[level](message, fields);
  };
  return {
    debug: (message, fields) => log.debug(message, fields),
    info: (message, fields) => log.info(message, fields),
    warn: keep('warn'),
    error: keep('error'),
    child: (source) => watched(log.child(source), stability),
  };
}
