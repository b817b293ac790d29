/**
 * QR codes of ISO/IEC 18004, as much as an address needs: bytes, error correction level M, versions 1 to 6.
 * In these all blocks of a version are of one size, and there is no version information to draw.
 */
interface Version {
  readonly blocks: number;
  /** Bytes of data in each block. */
  readonly data: number;
  /** Bytes of error correction in each block. */
  readonly correction: number;
}

const VERSIONS: readonly Version[] = [
  { blocks: 1, data: 16, correction: 10 },
  { blocks: 1, data: 28, correction: 16 },
  { blocks: 1, data: 44, correction: 26 },
  { blocks: 2, data: 32, correction: 18 },
  { blocks: 2, data: 43, correction: 24 },
  { blocks: 4, data: 27, correction: 16 },
];

/** Rows of modules, dark ones true. */
export type Modules = readonly (readonly boolean[])[];

/** The code for a text; `undefined` where it has more than 106 bytes. Without the quiet zone around it. */
export function qrModules(text: string): Modules | undefined {
  const bytes = new TextEncoder().encode(text);
  // Four bits say that bytes follow, eight how many.
  const at = VERSIONS.findIndex(({ blocks, data }) => bytes.length + 2 <= blocks * data);
  const version = VERSIONS[at];
  if (version === undefined) return undefined;
  const grid = new Grid(17 + 4 * (at + 1));
  grid.write(interleaved(toCodewords(bytes, version.blocks * version.data), version));
  const masked = MASKS.map((mask, number) => grid.finished(mask, number));
  return masked.reduce((best, other) => (penalty(other) < penalty(best) ? other : best));
}

function toCodewords(bytes: Uint8Array, capacity: number): readonly number[] {
  const nibbles = [4, bytes.length >> 4, bytes.length & 15, ...[...bytes].flatMap((byte) => [byte >> 4, byte & 15]), 0];
  const words = Array.from({ length: nibbles.length / 2 }, (_, n) => (nibbles[2 * n]! << 4) | nibbles[2 * n + 1]!);
  return Array.from({ length: capacity }, (_, n) => words[n] ?? ((n - words.length) % 2 === 0 ? 0xec : 0x11));
}

/** One byte of each block in turn: a stain then spoils a little of every block instead of one block whole. */
function interleaved(words: readonly number[], { blocks, data, correction }: Version): readonly number[] {
  const parts = Array.from({ length: blocks }, (_, n) => words.slice(n * data, (n + 1) * data));
  const checks = parts.map((part) => remainder(part, correction));
  const inTurn = (of: readonly (readonly number[])[], length: number): readonly number[] =>
    Array.from({ length }, (_, n) => of.map((part) => part[n]!)).flat();
  return [...inTurn(parts, data), ...inTurn(checks, correction)];
}

// The field of 256 elements over x^8 + x^4 + x^3 + x^2 + 1, by powers of its element 2.
const POWERS: number[] = [];
const LOGS: number[] = [];
for (let power = 0, value = 1; power < 255; power += 1) {
  POWERS[power] = value;
  LOGS[value] = power;
  value = value << 1 > 255 ? (value << 1) ^ 0x11d : value << 1;
}

const times = (a: number, b: number): number => (a === 0 || b === 0 ? 0 : POWERS[(LOGS[a]! + LOGS[b]!) % 255]!);

/** The bytes of error correction: what is left of the data when it is divided by (x - 1)(x - 2)(x - 4)… */
function remainder(data: readonly number[], length: number): readonly number[] {
  let divisor = [1];
  for (let n = 0; n < length; n += 1) {
    const shifted = [...divisor, 0];
    divisor = shifted.map((factor, at) => factor ^ (at === 0 ? 0 : times(divisor[at - 1]!, POWERS[n]!)));
  }
  let rest: readonly number[] = Array.from({ length }, () => 0);
  for (const byte of data) {
    const factor = byte ^ rest[0]!;
    rest = [...rest.slice(1), 0].map((value, at) => value ^ times(divisor[at + 1]!, factor));
  }
  return rest;
}

type Mask = (row: number, column: number) => boolean;

const MASKS: readonly Mask[] = [
  (row, column) => (row + column) % 2 === 0,
  (row) => row % 2 === 0,
  (_row, column) => column % 3 === 0,
  (row, column) => (row + column) % 3 === 0,
  (row, column) => (Math.floor(row / 2) + Math.floor(column / 3)) % 2 === 0,
  (row, column) => ((row * column) % 2) + ((row * column) % 3) === 0,
  (row, column) => (((row * column) % 2) + ((row * column) % 3)) % 2 === 0,
  (row, column) => (((row + column) % 2) + ((row * column) % 3)) % 2 === 0,
];

class Grid {
  readonly #size: number;
  /** What every code of this size has; `undefined` where data goes. */
  readonly #fixed: (boolean | undefined)[][];
  readonly #data: boolean[][];

  constructor(size: number) {
    this.#size = size;
    this.#fixed = Array.from({ length: size }, () => Array.from({ length: size }, () => undefined));
    this.#data = Array.from({ length: size }, () => Array.from({ length: size }, () => false));
    for (let at = 8; at < size - 8; at += 1) {
      this.#set(6, at, at % 2 === 0);
      this.#set(at, 6, at % 2 === 0);
    }
    // Three finders, each with a light border; a small one in the fourth corner of all but the smallest.
    for (const [row, column] of [
      [3, 3],
      [3, size - 4],
      [size - 4, 3],
    ] as const)
      this.#rings(row, column, 4);
    if (size > 21) this.#rings(size - 7, size - 7, 2);
    for (const [row, column] of this.#formatPlaces()) this.#set(row, column, false);
    this.#set(size - 8, 8, true);
  }

  /** In columns of two from the right, up and down in turn, passing over what is fixed and the timing column. */
  write(words: readonly number[]): void {
    const bits = words.flatMap((word) => [7, 6, 5, 4, 3, 2, 1, 0].map((bit) => ((word >> bit) & 1) === 1));
    let next = 0;
    for (let right = this.#size - 1; right > 0; right -= right === 8 ? 3 : 2) {
      const isUpward = ((right + 1) & 2) === 0;
      for (let step = 0; step < this.#size; step += 1) {
        const row = isUpward ? this.#size - 1 - step : step;
        for (const column of [right, right - 1]) {
          if (this.#fixed[row]![column] === undefined) this.#data[row]![column] = bits[next++] ?? false;
        }
      }
    }
  }

  finished(mask: Mask, number: number): Modules {
    const rows = this.#data.map((data, row) =>
      data.map((dark, column) => this.#fixed[row]![column] ?? dark !== mask(row, column)),
    );
    const format = formatBits(number);
    this.#formatPlaces().forEach(([row, column], at) => {
      rows[row]![column] = ((format >> (at % 15)) & 1) === 1;
    });
    return rows;
  }

  /** Where the 15 bits of the format go, the lowest first: around the first finder, then beside the others. */
  #formatPlaces(): readonly (readonly [row: number, column: number])[] {
    const end = this.#size - 1;
    const down = [0, 1, 2, 3, 4, 5, 7, 8].map((row) => [row, 8] as const);
    const left = [7, 5, 4, 3, 2, 1, 0].map((column) => [8, column] as const);
    const right = [0, 1, 2, 3, 4, 5, 6, 7].map((n) => [8, end - n] as const);
    const bottom = [6, 5, 4, 3, 2, 1, 0].map((n) => [end - n, 8] as const);
    return [...down, ...left, ...right, ...bottom];
  }

  #rings(row: number, column: number, radius: number): void {
    for (let y = -radius; y <= radius; y += 1) {
      for (let x = -radius; x <= radius; x += 1) {
        const ring = Math.max(Math.abs(x), Math.abs(y));
        this.#set(row + y, column + x, radius === 4 ? ring !== 2 && ring !== 4 : ring !== 1);
      }
    }
  }

  #set(row: number, column: number, isDark: boolean): void {
    const line = this.#fixed[row];
    if (line !== undefined && column >= 0 && column < this.#size) line[column] = isDark;
  }
}

/** Level M is 00; ten bits of a BCH code follow, and a pattern keeps it from being all light. */
function formatBits(mask: number): number {
  let rest = mask << 10;
  for (let bit = 14; bit >= 10; bit -= 1) if ((rest >> bit) & 1) rest ^= 0x537 << (bit - 10);
  return ((mask << 10) | rest) ^ 0x5412;
}

/** How hard a code is to read, by the four rules of the standard. */
function penalty(rows: Modules): number {
  const columns = rows.map((_, n) => rows.map((row) => row[n]!));
  const lines = [...rows, ...columns];
  const darkShare = rows.flat().filter(Boolean).length / rows.length ** 2;
  return (
    lines.reduce((sum, line) => sum + runs(line) + 40 * likeFinders(line), 0) +
    3 * squares(rows) +
    10 * Math.floor(Math.abs(darkShare - 0.5) * 20)
  );
}

const runs = (line: readonly boolean[]): number =>
  [...textOf(line).matchAll(/0{5,}|1{5,}/g)].reduce((sum, [run]) => sum + run.length - 2, 0);

const likeFinders = (line: readonly boolean[]): number =>
  [...textOf(line).matchAll(/(?=10111010000|00001011101)/g)].length;

const textOf = (line: readonly boolean[]): string => line.map(Number).join('');

function squares(rows: Modules): number {
  return rows.reduce(
    (sum, row, y) =>
      sum +
      row.filter((dark, x) => {
        const below = rows[y + 1];
        return x > 0 && below !== undefined && row[x - 1] === dark && below[x] === dark && below[x - 1] === dark;
      }).length,
    0,
  );
}
