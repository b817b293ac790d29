import type { LogFields } from '../platform/ports.ts';
import type { LogLevel, LogRecord, LogSink } from './logger.ts';
import { toSafeValue } from './safe-value.ts';

const RANK: Readonly<Record<LogLevel, number>> = { debug: 0, info: 1, warn: 2, error: 3 };

export interface JsonLineOptions {
  readonly redact: (text: string) => string;
  /** The least that is written; `info` unless told. */
  readonly level?: LogLevel;
}

/**
 * Writes one line of JSON per record: `{"time":…,"level":…,"source":…,"message":…,"fields":{…}}`.
 * Every value passes `redact` here. Line ends inside values are escaped, so what comes from outside
 * cannot forge a line. Never throws.
 */
export function createJsonLineSink(stream: { write(text: string): unknown }, options: JsonLineOptions): LogSink {
  const least = RANK[options.level ?? 'info'];
  return (record) => {
    if (RANK[record.level] < least) return;
    try {
      stream.write(`${toLine(record, options.redact)}\n`);
    } catch {
      // A log that cannot be written must not stop the work it tells about.
    }
  };
}

function toLine(record: LogRecord, redact: (text: string) => string): string {
  const { atMs, level, source, message } = record;
  const head = { time: new Date(atMs).toISOString(), level, source: redact(source), message: redact(message) };
  const fields = safeFields(record.fields, redact);
  return JSON.stringify(fields === undefined ? head : { ...head, fields });
}

function safeFields(fields: LogFields, redact: (text: string) => string): unknown {
  if (Object.keys(fields).length === 0) return undefined;
  try {
    return toSafeValue(fields, redact);
  } catch {
    return '[cannot be written]';
  }
}
