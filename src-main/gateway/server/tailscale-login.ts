/** One or more encoded words with one space between, as Go writes what is not ASCII (RFC 2047, Q). */
const ENCODED = /^=\?utf-8\?q\?[!->@-~]*\?=(?: =\?utf-8\?q\?[!->@-~]*\?=)*$/i;
const PLAIN = /^[!-~](?:[ -~]*[!-~])?$/;

/** Whom `Tailscale-User-Login` names; `undefined` unless it was sent once and as Tailscale writes it. */
export function readLogin(values: readonly string[] | undefined): string | undefined {
  const [value = '', ...more] = values ?? [];
  if (more.length > 0) return undefined;
  if (!value.startsWith('=?')) return PLAIN.test(value) ? value : undefined;
  return ENCODED.test(value) ? decode(value) : undefined;
}

function decode(words: string): string | undefined {
  const bytes = words.split(' ').map((word) => bytesOf(word.slice('=?utf-8?q?'.length, -'?='.length)));
  if (bytes.some((part) => part === undefined)) return undefined;
  try {
    const whole = Buffer.concat(bytes.flatMap((part) => part ?? []));
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(whole) || undefined;
  } catch {
    return undefined;
  }
}

/** `=C3=A4_b` → `ä b` in UTF-8; `undefined` where an escape is none. */
function bytesOf(text: string): Buffer | undefined {
  if (/=(?![0-9A-Fa-f]{2})/.test(text)) return undefined;
  const latin1 = text
    .replaceAll('_', ' ')
    .replaceAll(/=(..)/g, (_all, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)));
  return Buffer.from(latin1, 'latin1');
}

/** Logins are compared as Tailscale does, and no letter of another alphabet stands for one of ours. */
export function isSameLogin(one: string, other: string): boolean {
  return foldAscii(one) === foldAscii(other);
}

function foldAscii(text: string): string {
  return text.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase());
}
