import { StringDecoder } from 'node:string_decoder';

const MAX_LINE_CHARS = 4_096;

/** Turns chunks of output into lines. What a program never ends with a line break is cut, so it cannot fill the memory. */
export function createLineSplitter(onLine: (line: string) => void): { write(chunk: Buffer): void; end(): void } {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  const emit = (line: string): void => {
    const text = line.trimEnd();
    if (text !== '') onLine(text.slice(0, MAX_LINE_CHARS));
  };
  const take = (text: string): void => {
    const lines = `${rest}${text}`.split('\n');
    rest = (lines.pop() ?? '').slice(0, MAX_LINE_CHARS);
    for (const line of lines) emit(line);
  };
  return {
    write: (chunk) => take(decoder.write(chunk)),
    end: () => take(`${decoder.end()}\n`),
  };
}
