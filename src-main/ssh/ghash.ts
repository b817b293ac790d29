const BLOCK_BYTES = 16;
/** Every fourth bit, from the lowest on. */
const EVERY_FOURTH = 0x11111111;
const PARTS = 4;
/** Products of 32 bits that make one of 128, by Karatsuba's rule applied twice. */
const PRODUCTS = 9;

/**
 * The hash inside AES-GCM. What it does and how long that takes depends on the number of blocks alone: no branch and no
 * index comes from the key or from the data, so that nobody on the same computer learns of them from a cache or a clock.
 *
 * Blocks are polynomials over GF(2) whose lowest coefficient is the highest bit. They are multiplied without carries by
 * ordinary multiplication: each factor is taken apart into four numbers that use only every fourth bit, so that up to
 * eight ones add up in the bits between, which are masked away. The high half of a product is the low half of the product
 * of the mirrored factors.
 *
 * @see NIST SP 800-38D §6.3, §6.4; T. Pornin, "Constant-Time Mul" and the notes on GHASH of BearSSL, for the method
 */
export class Ghash {
  /** The state, the lowest 32 bits first. */
  readonly #state = new Int32Array(BLOCK_BYTES / 4);
  /** What each product multiplies by, in parts: as it is, then mirrored. */
  readonly #factors = new Int32Array(PRODUCTS * PARTS * 2);
  /** What is multiplied, and the halves of the products. */
  readonly #terms = new Int32Array(PRODUCTS);
  readonly #low = new Int32Array(PRODUCTS);
  readonly #high = new Int32Array(PRODUCTS);

  /** @param key the block of zeros, encrypted; 16 bytes */
  constructor(key: Uint8Array) {
    for (let word = 0; word < 4; word += 1) this.#state[3 - word] = wordAt(key, word * 4);
    spread(this.#state, this.#terms);
    for (const [product, term] of this.#terms.entries()) {
      takeApart(term, this.#factors, product * 2 * PARTS);
      takeApart(mirrored(term), this.#factors, (product * 2 + 1) * PARTS);
    }
    this.reset();
  }

  reset(): void {
    this.#state.fill(0);
  }

  /** Takes in the whole blocks from `start` to `end`. */
  update(bytes: Uint8Array, start: number, end: number): void {
    const state = this.#state;
    for (let at = start; at < end; at += BLOCK_BYTES) {
      for (let word = 0; word < 4; word += 1) state[3 - word]! ^= wordAt(bytes, at + word * 4);
      this.#multiply();
    }
  }

  /** Takes in a block of these 32-bit words and a zero before the last. */
  updateWords(first: number, second: number, last: number): void {
    this.#state[3]! ^= first;
    this.#state[2]! ^= second;
    this.#state[0]! ^= last;
    this.#multiply();
  }

  /** Writes the state, 16 bytes, combined with as many of `mask` from `at` on. */
  digestInto(out: Uint8Array, mask: Uint8Array, at: number): void {
    for (let byte = 0; byte < BLOCK_BYTES; byte += 1) {
      const word = this.#state[3 - (byte >> 2)]!;
      out[byte] = (word >>> (24 - 8 * (byte & 3))) ^ mask[at + byte]!;
    }
  }

  #multiply(): void {
    const terms = this.#terms;
    const factors = this.#factors;
    spread(this.#state, terms);
    for (let product = 0; product < PRODUCTS; product += 1) {
      const term = terms[product]!;
      const at = product * 2 * PARTS;
      this.#low[product] = lowHalf(term, factors, at);
      this.#high[product] = mirrored(lowHalf(mirrored(term), factors, at + PARTS)) >>> 1;
    }
    join(this.#low, this.#high, this.#state);
  }
}

function wordAt(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
}

/** The nine factors of a number of four words: low, high and middle of its low half, of its high half and of their sum. */
function spread(words: Int32Array, terms: Int32Array): void {
  const [a, b, c, d] = [words[0]!, words[1]!, words[2]!, words[3]!];
  terms[0] = a;
  terms[1] = b;
  terms[2] = a ^ b;
  terms[3] = c;
  terms[4] = d;
  terms[5] = c ^ d;
  terms[6] = a ^ c;
  terms[7] = b ^ d;
  terms[8] = a ^ b ^ c ^ d;
}

function takeApart(value: number, parts: Int32Array, at: number): void {
  for (let part = 0; part < PARTS; part += 1) parts[at + part] = value & (EVERY_FOURTH << part);
}

/** The low 32 bits of `x` times the factor whose parts begin at `at`, without carries. */
function lowHalf(x: number, parts: Int32Array, at: number): number {
  const [y0, y1, y2, y3] = [parts[at]!, parts[at + 1]!, parts[at + 2]!, parts[at + 3]!];
  const x0 = x & EVERY_FOURTH;
  const x1 = x & (EVERY_FOURTH << 1);
  const x2 = x & (EVERY_FOURTH << 2);
  const x3 = x & (EVERY_FOURTH << 3);
  const { imul } = Math;
  const z0 = imul(x0, y0) ^ imul(x1, y3) ^ imul(x2, y2) ^ imul(x3, y1);
  const z1 = imul(x0, y1) ^ imul(x1, y0) ^ imul(x2, y3) ^ imul(x3, y2);
  const z2 = imul(x0, y2) ^ imul(x1, y1) ^ imul(x2, y0) ^ imul(x3, y3);
  const z3 = imul(x0, y3) ^ imul(x1, y2) ^ imul(x2, y1) ^ imul(x3, y0);
  return (z0 & EVERY_FOURTH) | (z1 & (EVERY_FOURTH << 1)) | (z2 & (EVERY_FOURTH << 2)) | (z3 & (EVERY_FOURTH << 3));
}

/** The lowest bit as the highest. */
function mirrored(word: number): number {
  const bits = ((word & 0x55555555) << 1) | ((word >>> 1) & 0x55555555);
  const pairs = ((bits & 0x33333333) << 2) | ((bits >>> 2) & 0x33333333);
  const nibbles = ((pairs & 0x0f0f0f0f) << 4) | ((pairs >>> 4) & 0x0f0f0f0f);
  const bytes = ((nibbles & 0x00ff00ff) << 8) | ((nibbles >>> 8) & 0x00ff00ff);
  return (bytes << 16) | (bytes >>> 16);
}

/** Puts the nine products together, and reduces the sum to 128 bits. */
function join(low: Int32Array, high: Int32Array, state: Int32Array): void {
  // The middle words of the three products of 64 bits: of the low halves, of the high halves, of their sums.
  const a1 = high[0]! ^ low[0]! ^ low[1]! ^ low[2]!;
  const a2 = low[1]! ^ high[0]! ^ high[1]! ^ high[2]!;
  const b1 = high[3]! ^ low[3]! ^ low[4]! ^ low[5]!;
  const b2 = low[4]! ^ high[3]! ^ high[4]! ^ high[5]!;
  const c1 = high[6]! ^ low[6]! ^ low[7]! ^ low[8]!;
  const c2 = low[7]! ^ high[6]! ^ high[7]! ^ high[8]!;
  // The sum, eight words.
  const w0 = low[0]!;
  const w2 = a2 ^ low[0]! ^ low[3]! ^ low[6]!;
  const w3 = high[1]! ^ a1 ^ b1 ^ c1;
  const w4 = low[3]! ^ a2 ^ b2 ^ c2;
  const w5 = b1 ^ high[1]! ^ high[4]! ^ high[7]!;
  // Mirrored numbers have a product that is mirrored but for one place.
  const s0 = w0 << 1;
  const s1 = (a1 << 1) | (w0 >>> 31);
  const s2 = (w2 << 1) | (a1 >>> 31);
  const s3 = ((w3 << 1) | (w2 >>> 31)) ^ carriedDown(s0);
  const s4 = (w4 << 1) | (w3 >>> 31);
  const s5 = (w5 << 1) | (w4 >>> 31);
  const s6 = (b2 << 1) | (w5 >>> 31);
  const s7 = (high[4]! << 1) | (b2 >>> 31);
  // The low words are the powers from x^128 on, and x^128 is x^7 + x^2 + x + 1.
  state[0] = s4 ^ folded(s0) ^ carriedDown(s1);
  state[1] = s5 ^ folded(s1) ^ carriedDown(s2);
  state[2] = s6 ^ folded(s2) ^ carriedDown(s3);
  state[3] = s7 ^ folded(s3);
}

/** A word times the polynomial, as far as it stays in its place. */
function folded(word: number): number {
  return word ^ (word >>> 1) ^ (word >>> 2) ^ (word >>> 7);
}

/** And what of it belongs to the next lower word. */
function carriedDown(word: number): number {
  return (word << 31) ^ (word << 30) ^ (word << 25);
}
