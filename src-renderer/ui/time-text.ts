/** A space that does not break, so that a number never leaves its unit. */
export const THIN = '\u00a0';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

const two = (value: number): string => String(value).padStart(2, '0');
const midnight = (atMs: number): number => new Date(atMs).setHours(0, 0, 0, 0);

/** `14:03` or, to the second, `14:02:13`. Always 24 hours, so that columns of times stay aligned. */
export function timeOfDay(atMs: number, precision: 'minutes' | 'seconds' = 'minutes'): string {
  const at = new Date(atMs);
  const minutes = `${two(at.getHours())}:${two(at.getMinutes())}`;
  return precision === 'minutes' ? minutes : `${minutes}:${two(at.getSeconds())}`;
}

/** `21 Nov`. */
export function dayOf(atMs: number): string {
  const at = new Date(atMs);
  return `${at.getDate()}${THIN}${MONTHS[at.getMonth()] ?? ''}`;
}

export function isSameDay(atMs: number, nowMs: number): boolean {
  return midnight(atMs) === midnight(nowMs);
}

/** A moment as it is said aloud: `14:03`, `yesterday 14:03`, `21 Nov 14:03`. */
export function moment(atMs: number, nowMs: number, precision: 'minutes' | 'seconds' = 'minutes'): string {
  const time = timeOfDay(atMs, precision);
  if (isSameDay(atMs, nowMs)) return time;
  return midnight(atMs) === midnight(midnight(nowMs) - 1) ? `yesterday ${time}` : `${dayOf(atMs)} ${time}`;
}

/** `42 s`, `4 min 10 s`, `25 min`, `3 h 12 min`, `6 days`: two figures at most. */
export function duration(ms: number): string {
  const left = Math.max(0, ms);
  if (left < MINUTE) return `${Math.floor(left / SECOND)}${THIN}s`;
  if (left < 10 * MINUTE) return pair([left, MINUTE, 'min'], [SECOND, 's']);
  if (left < HOUR) return `${Math.floor(left / MINUTE)}${THIN}min`;
  if (left < DAY) return pair([left, HOUR, 'h'], [MINUTE, 'min']);
  const days = Math.floor(left / DAY);
  return `${days}${THIN}${days === 1 ? 'day' : 'days'}`;
}

function pair([ms, big, bigName]: [number, number, string], [small, smallName]: [number, string]): string {
  const rest = Math.floor((ms % big) / small);
  const first = `${Math.floor(ms / big)}${THIN}${bigName}`;
  return rest === 0 ? first : `${first} ${rest}${THIN}${smallName}`;
}

/** `just now`, `4 s ago`. A clock that was set back says “just now” instead of a negative figure. */
export function ago(atMs: number, nowMs: number): string {
  return nowMs - atMs < 2 * SECOND ? 'just now' : `${duration(nowMs - atMs)} ago`;
}

/** Whole seconds until `atMs`, rounded up, never below nothing. */
export function secondsUntil(atMs: number, nowMs: number): number {
  return Math.max(0, Math.ceil((atMs - nowMs) / SECOND));
}

/** `12 s`, from 100 s on `4 min 10 s`. */
export function countdown(seconds: number): string {
  return seconds < 100 ? `${seconds}${THIN}s` : duration(seconds * SECOND);
}
