import { AppError } from '../contract/errors.ts';
import type { LogFields, Logger } from '../platform/ports.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

export interface LogRecord {
  readonly atMs: number;
  readonly level: LogLevel;
  readonly source: string;
  readonly message: string;
  readonly fields: LogFields;
}

/** Takes a record and never throws: whoever logs is busy with something else. */
export type LogSink = (record: LogRecord) => void;

const MAX_CAUSES = 5;

/**
 * One logger per module: `log.child('ssh')` writes with the source `app.ssh`. Errors among the
 * fields become data with their chain of causes and without stacks.
 */
export function createLogger(sink: LogSink, source = 'app', now: () => number = Date.now): Logger {
  const at =
    (level: LogLevel) =>
    (message: string, fields: LogFields = {}): void =>
      sink({ atMs: now(), level, source, message, fields: plainFields(fields) });
  return {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    child: (name) => createLogger(sink, `${source}.${name}`, now),
  };
}

function plainFields(fields: LogFields): LogFields {
  return Object.fromEntries(
    Object.entries(fields).map(([key, value]) => [key, value instanceof Error ? plainError(value, MAX_CAUSES) : value]),
  );
}

function plainError(error: Error, causesLeft: number): LogFields {
  const code = error instanceof AppError ? error.info.code : 'code' in error ? error.code : undefined;
  const cause = causesLeft > 0 ? plainCause(error.cause, causesLeft - 1) : undefined;
  return {
    name: error.name,
    ...(code === undefined ? {} : { code }),
    message: error.message,
    ...(error instanceof AppError ? { params: error.info.params } : {}),
    ...(cause === undefined ? {} : { cause }),
  };
}

function plainCause(cause: unknown, causesLeft: number): unknown {
  return cause instanceof Error ? plainError(cause, causesLeft) : cause;
}
