/** SHA-256 of a certificate, as OpenSSL and Node write it. */
export const TLS_FINGERPRINT = /^[0-9A-F]{2}(?::[0-9A-F]{2}){31}$/;

/** The one form of a fingerprint that a person typed: colons and case do not matter. `undefined` when it is none. */
export function toTlsFingerprint(text: string): string | undefined {
  const digits = text
    .trim()
    .replace(/^sha256[:=]/i, '')
    .replaceAll(':', '')
    .toUpperCase();
  const pairs = digits.match(/../g)?.join(':') ?? '';
  return digits.length === 64 && TLS_FINGERPRINT.test(pairs) ? pairs : undefined;
}
