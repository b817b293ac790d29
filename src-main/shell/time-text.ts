const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

const two = (value: number): string => String(value).padStart(2, '0');

/** `14:03`, with the day in front when it is not today: `20 Nov, 14:03`. In the time zone of this computer. */
export function clockText(atMs: number, nowMs: number): string {
  const at = new Date(atMs);
  return `${dayText(at, nowMs)}${two(at.getHours())}:${two(at.getMinutes())}`;
}

/** As `clockText`, to the second. */
export function exactClockText(atMs: number, nowMs: number): string {
  return `${clockText(atMs, nowMs)}:${two(new Date(atMs).getSeconds())}`;
}

export function latencyText(ms: number): string {
  return ms < 1 ? 'under 1 ms' : `${Math.round(ms)} ms`;
}

function dayText(at: Date, nowMs: number): string {
  if (at.toDateString() === new Date(nowMs).toDateString()) return '';
  return `${at.getDate()} ${MONTHS[at.getMonth()] ?? ''}, `;
}
