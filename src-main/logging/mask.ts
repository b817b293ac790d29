const MIN_LENGTH_FOR_TAIL = 20;
const HIDDEN = '«…»';

/**
 * What is shown in the place of a secret: `«…abcd»` when it has twenty characters or more, so that
 * two can be told apart, otherwise `«…»`. A value that is masked already stays as it is.
 */
export function mask(value: string): string {
  if (/^«…[^»]{0,4}»$/.test(value)) return value;
  const tail = value.slice(-4);
  // Only plain characters: half of an escape sequence would break the line it stands in.
  const tellable = value.length >= MIN_LENGTH_FOR_TAIL && /^[\w+/=.-]{4}$/.test(tail);
  return tellable ? `«…${tail}»` : HIDDEN;
}
