/** A secret that others can try must not be guessable. */
const MIN_LENGTH = 16;
/** `aaaaaaaaaaaaaaaa` and `1212121212121212` are long, and are tried early. */
const MIN_DIFFERENT = 5;
/** What remains of the likes of `ChangeMeChangeMe!`, `password-password` and `0123456789abcdef`. */
const GUESSED_FIRST =
  /^(?:(?:password|passwort|passw0rd|changeme|letmein|secret|admin|token|gateway|openclaw|gangway|qwertz?|qwerty|please|your|here|my|the|replace|with|funnel|tailscale|example|test|default|abc|xyz)|\d)+$/;
const ROWS = ['01234567890123456789', 'abcdefghijklmnopqrstuvwxyz', '0123456789abcdef', 'qwertyuiopasdfghjklzxcvbnm'];

/** Whether anyone on the internet may be given the chance to try it. */
export function isStrongSecret(secret: string): boolean {
  if (secret.length < MIN_LENGTH || new Set(secret).size < MIN_DIFFERENT) return false;
  const plain = secret.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
  const isRow =
    plain !== '' && ROWS.some((row) => row.includes(plain) || row.split('').toReversed().join('').includes(plain));
  return !isRow && !GUESSED_FIRST.test(plain);
}
