import { expect, it } from 'vitest';

import { fail } from '../contract/errors.ts';
import { createJsonLineSink } from './json-line-sink.ts';
import { createLogger, type LogRecord } from './logger.ts';

function collect(): { readonly records: LogRecord[]; readonly sink: (record: LogRecord) => void } {
  const records: LogRecord[] = [];
  return { records, sink: (record) => records.push(record) };
}

function linesOf(log: (sink: (record: LogRecord) => void) => void): Record<string, unknown>[] {
  const lines: string[] = [];
  log(createJsonLineSink({ write: (text) => lines.push(text) }, { redact: (text) => text }));
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}

it('records time, level, source, message and fields', () => {
  const { records, sink } = collect();
  createLogger(sink, 'app', () => 7)
    .child('ssh')
    .warn('lost', { attempt: 2 });
  expect(records).toEqual([{ atMs: 7, level: 'warn', source: 'app.ssh', message: 'lost', fields: { attempt: 2 } }]);
});

it('turns an error into its code, facts and chain of causes, without stacks', () => {
  const { records, sink } = collect();
  const refused = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
  createLogger(sink).error('failed', { error: fail('gateway/silent', { url: 'ws://127.0.0.1:1' }, refused) });
  expect(records[0]?.fields['error']).toEqual({
    name: 'AppError',
    code: 'gateway/silent',
    message: 'gateway/silent',
    params: { url: 'ws://127.0.0.1:1' },
    cause: { name: 'Error', code: 'ECONNREFUSED', message: 'connect ECONNREFUSED' },
  });
});

it('ends a chain of causes that goes in a circle', () => {
  const { records, sink } = collect();
  const error = new Error('round');
  error.cause = error;
  createLogger(sink).error('failed', { error });
  expect(JSON.stringify(records[0]).match(/round/g)).toHaveLength(6);
});

it('writes one line of JSON for each record at or above its level', () => {
  const lines = linesOf((sink) => {
    const log = createLogger(sink, 'app', () => 0);
    log.debug('hidden');
    log.info('shown\nforged line', { a: 1 });
  });
  expect(lines).toEqual([
    { time: '1970-01-01T00:00:00.000Z', level: 'info', source: 'app', message: 'shown\nforged line', fields: { a: 1 } },
  ]);
});

it('writes the message even when a field cannot be read', () => {
  const field = {
    get bad(): string {
      throw new Error('no');
    },
  };
  expect(linesOf((sink) => createLogger(sink).info('said', { field }))).toMatchObject([
    { message: 'said', fields: '[cannot be written]' },
  ]);
});

it('cuts a circle and a long list', () => {
  const ring: Record<string, unknown> = { list: Array.from({ length: 300 }, () => 1) };
  ring['self'] = ring;
  const [line] = linesOf((sink) => createLogger(sink).info('said', { ring }));
  expect(JSON.stringify(line)).toContain('[deeper]');
  expect(JSON.stringify(line)).toContain('[100 more]');
});

it('stays short when objects share their parts', () => {
  const lists = [[1]] as unknown[][];
  for (let level = 1; level < 8; level += 1) lists.push(Array.from({ length: 100 }, () => lists[level - 1]));
  const [line] = linesOf((sink) => createLogger(sink).info('said', { lists: lists.at(-1) }));
  expect(JSON.stringify(line).length).toBeLessThan(100_000);
});

it('writes bytes as their number, big integers as text, and cuts very long strings', () => {
  const [line] = linesOf((sink) =>
    createLogger(sink).info('said', { bytes: Buffer.from('abc'), big: 5n, long: 'x'.repeat(10_000) }),
  );
  const fields = line?.['fields'] as Record<string, string>;
  expect(fields['bytes']).toBe('[3 bytes]');
  expect(fields['big']).toBe('5');
  expect(fields['long']).toHaveLength('x'.repeat(8_192).length + '… (1808 more)'.length);
});

it('survives a stream that throws', () => {
  const sink = createJsonLineSink(
    {
      write: () => {
        throw new Error('closed');
      },
    },
    { redact: (text) => text },
  );
  expect(() => createLogger(sink).error('said')).not.toThrow();
});
