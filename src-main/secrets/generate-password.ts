import { randomBytes } from 'node:crypto';

/** 32 letters and figures that nobody mistakes for one another. */
const ALPHABET = 'abcdefghijkmnpqrstuvwxyz23456789';
const CHARS = 25;
const GROUP = /.{5}(?!$)/g;

/** A new password: 125 random bits in five groups of five, fit to be typed on a telephone. */
export function generatePassword(): string {
  const chars = [...randomBytes(CHARS)].map((byte) => ALPHABET[byte % ALPHABET.length]).join('');
  return chars.replace(GROUP, '$&-');
}
