import type { CallName, CallResult, NoticeName, Notices } from '../contract/calls.ts';

/**
 * One JSON value per line, in both directions, over a socket that only this user can open.
 * The first line of the server says who answers.
 */
export type Request =
  | { readonly type: 'call'; readonly id: number; readonly name: CallName; readonly input: unknown }
  | { readonly type: 'listen'; readonly name: NoticeName };

export type Reply =
  | { readonly type: 'hello'; readonly pid: number; readonly version: string }
  | { readonly type: 'result'; readonly id: number; readonly result: CallResult<CallName> }
  | { readonly type: 'notice'; readonly name: NoticeName; readonly notice: Notices[NoticeName] };

/** A longer line is not ours: the other side is cut off before it fills the memory. */
export const MAX_LINE_BYTES = 4 * 1024 * 1024;

/** Splits a stream into lines. Returns what is complete; throws `RangeError` when a line is too long. */
export function createLineSplitter(): (chunk: Buffer) => readonly string[] {
  let rest = Buffer.alloc(0);
  return (chunk) => {
    const whole = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    const end = whole.lastIndexOf(0x0a);
    rest = Buffer.from(whole.subarray(end + 1));
    if (rest.length > MAX_LINE_BYTES) throw new RangeError('line too long');
    return end < 0
      ? []
      : whole
          .subarray(0, end)
          .toString('utf8')
          .split('\n')
          .filter((line) => line !== '');
  };
}

export function encodeLine(value: Request | Reply): string {
  return `${JSON.stringify(value)}\n`;
}
