import { describe, expect, it } from 'vitest';

import { qrModules } from './qr-code.ts';

const ADDRESS = 'https://laptop.tail1f3a.ts.net';

/** As an encoder that is not ours draws it, and two decoders read it. */
const DRAWN = `
#######..#..##..#.##..#######
#.....#.#####.####.##.#.....#
#.###.#...##.##.#..##.#.###.#
#.###.#..#..####...##.#.###.#
#.###.#.#.###.#..####.#.###.#
#.....#......#....##..#.....#
#######.#.#.#.#.#.#.#.#######
.........#...##.##..#........
#.#.#.#.....#.##.#..#...#..#.
..###..#.#....##.##.###..#..#
.....##...#..#.......#..#.###
.####....#.##..#.#.#..#....#.
.##.###.#.###...##...###.#.##
..........##.#.####...#..#..#
#.##..####.##.#####.#.#.##.##
#..##..####..##.######.#.#.#.
.##...#.....#.##.####.##.#.##
.##..#.####...##....###..##.#
#...#.#....###...#...#.##..##
.#.#.....#..#..#.#.#.###.#.#.
#..##.#.#..##...##.######....
........##...#.##..##...#.###
#######...###.####.##.#.##.##
#.....#..###.##.##..#...##.##
#.###.#.###.#.####..#####..#.
#.###.#...#..###.#.....##.#..
#.###.#.##.#....#...##.###..#
#.....#..####.#######..#...#.
#######.##.####..#.##.##...##
`.trim();

const lines = (text: string, [light, dark]: readonly [string, string]): string =>
  (qrModules(text) ?? []).map((row) => row.map((isDark) => (isDark ? dark : light)).join('')).join('\n');

async function digest(text: string): Promise<string> {
  const bytes = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

describe('the code of an address', () => {
  it('is the one of the standard', () => expect(lines(ADDRESS, ['.', '#'])).toBe(DRAWN));

  // Of every size with several blocks, drawn elsewhere; what is compared is the digest of rows of 0 and 1.
  it.each([
    ['https://studio.tail1f3a.ts.net:10000', 29, 'fd6ce8b58046adf25597aa53e0a2e155d15f04403b2df5a31dcc96141d590ca7'],
    [
      'https://the-laptop-of-ann-in-the-kitchen.tail1f3a.ts.net',
      33,
      '840c4967db4dbf30db6a4cb894165feab3eb64af524ce5829a62c88866bf3c5a',
    ],
    [
      'https://the-laptop-of-ann-in-the-kitchen-of-the-house.tail1f3a.ts.net',
      37,
      'b21eb9ee4c3990280de59d3786a53851374cbc7e8fa7bf97cfb245ebf1bcf925',
    ],
    [
      'https://the-laptop-of-ann-in-the-kitchen-of-the-house-by-the-sea.big-otter.ts.net:10000',
      41,
      '5c088ccf6f11bb869b20e134a35760109a18f66c5b5a1861e47ab05075998143',
    ],
  ])('grows with it: %s', async (address, size, expected) => {
    expect(qrModules(address)).toHaveLength(size);
    expect(await digest(lines(address, ['0', '1']))).toBe(expected);
  });

  it('is square and of a size that exists, for everything that fits', () => {
    const sizes = Array.from({ length: 106 }, (_, n) => qrModules('x'.repeat(n + 1)));
    expect(sizes.every((rows) => rows?.every((row) => row.length === rows.length))).toBe(true);
    expect([...new Set(sizes.map((rows) => rows?.length))]).toEqual([21, 25, 29, 33, 37, 41]);
  });

  it('is none where the text is too long, counted in bytes', () => {
    expect(qrModules('x'.repeat(107))).toBeUndefined();
    expect(qrModules('ö'.repeat(54))).toBeUndefined();
  });
});
