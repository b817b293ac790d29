const WIDTH = 17;
const HEIGHT = 9;
const VALUES = ' .o+=*BOX@%&#/^SE';

/**
 * The picture `ssh-keygen -lv` prints for a fingerprint, so that two can be compared at a glance.
 * Absent when the fingerprint is not `SHA256:` and 32 bytes in base64.
 *
 * @see https://www.dirk-loss.de/sshvis/drunken_bishop.pdf
 */
export function randomart(fingerprint: string, keyTitle: string): string | undefined {
  const digest = decode(fingerprint);
  if (digest === undefined) return undefined;
  const visits = walk(digest);
  const rows = Array.from({ length: HEIGHT }, (_row, y) => `|${visits.slice(y * WIDTH, (y + 1) * WIDTH).join('')}|`);
  return [frame(`[${keyTitle}]`), ...rows, frame('[SHA256]')].join('\n');
}

function decode(fingerprint: string): Uint8Array | undefined {
  const base64 = /^SHA256:([A-Za-z0-9+/]{43})$/.exec(fingerprint)?.[1];
  return base64 === undefined ? undefined : Uint8Array.from(atob(`${base64}=`), (char) => char.charCodeAt(0));
}

function walk(digest: Uint8Array): readonly string[] {
  const visits = Array.from({ length: WIDTH * HEIGHT }, () => 0);
  const start = { x: (WIDTH - 1) / 2, y: (HEIGHT - 1) / 2 };
  let { x, y } = start;
  for (const byte of digest) {
    for (let pair = byte, step = 0; step < 4; step += 1, pair >>= 2) {
      x = Math.min(WIDTH - 1, Math.max(0, x + ((pair & 1) === 1 ? 1 : -1)));
      y = Math.min(HEIGHT - 1, Math.max(0, y + ((pair & 2) === 2 ? 1 : -1)));
      const at = y * WIDTH + x;
      visits[at] = Math.min((visits[at] ?? 0) + 1, VALUES.length - 3);
    }
  }
  const drawn = visits.map((count) => VALUES[count] ?? ' ');
  drawn[start.y * WIDTH + start.x] = 'S';
  drawn[y * WIDTH + x] = 'E';
  return drawn;
}

function frame(label: string): string {
  const room = Math.max(0, WIDTH - label.length);
  const left = Math.floor(room / 2);
  return `+${'-'.repeat(left)}${label}${'-'.repeat(room - left)}+`;
}
