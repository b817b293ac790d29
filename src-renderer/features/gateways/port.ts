/** A port from what was typed; absent when it is none. */
export function toPort(text: string): number | undefined {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  return port >= 1 && port <= 65_535 ? port : undefined;
}

export function checkPort(text: string): string | undefined {
  return toPort(text) === undefined ? 'A port is a number from 1 to 65535.' : undefined;
}
