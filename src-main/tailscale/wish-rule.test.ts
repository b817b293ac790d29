import { describe, expect, it } from 'vitest';

import type { ExposureMode, ExposureWish } from '../contract/exposure.ts';
import { wishAfter, type Said } from './wish-rule.ts';

/** `serve`: in the file. `serve --serve`: and on the command line. */
function said(words: string): Said {
  const [mode = 'off', given] = words.split(' --') as ExposureMode[];
  return { mode, port: 443, given };
}
const wish = (mode: ExposureMode, untilMs?: number): ExposureWish => ({ mode, port: 443, untilMs });

describe('at the start', () => {
  it.each<[string, [string, ExposureMode] | undefined, ExposureMode]>([
    // What is said, what was so when the run before was interrupted and what was said then, what counts.
    ['off', undefined, 'off'],
    ['serve', undefined, 'serve'],
    ['off --serve', undefined, 'serve'],
    ['serve --off', undefined, 'off'],
    ['funnel --serve', undefined, 'serve'],
    ['off', ['off', 'serve'], 'serve'],
    ['serve', ['serve', 'off'], 'off'],
    ['serve', ['serve', 'funnel'], 'funnel'],
    ['serve --serve', ['serve --serve', 'off'], 'off'],
    ['off --serve', ['off --serve', 'funnel'], 'funnel'],
    // Said since, in the file or on the command line.
    ['serve', ['off', 'funnel'], 'serve'],
    ['off', ['serve', 'funnel'], 'off'],
    ['serve --serve', ['serve', 'off'], 'serve'],
    ['serve', ['serve --funnel', 'funnel'], 'serve'],
    // Off on the command line overrules everything, even where the file says the same and it was said before.
    ['off --off', ['off', 'serve'], 'off'],
    ['off --off', ['off --off', 'serve'], 'off'],
    ['serve --off', ['serve --off', 'funnel'], 'off'],
  ])('“%s” after %j: %s', (now, before, mode) => {
    const remembered = before && { said: said(before[0]), wish: wish(before[1]) };
    expect(wishAfter({ type: 'started', said: said(now), remembered }).mode).toBe(mode);
  });

  it('lets a Funnel go on until its time', () => {
    const remembered = { said: said('off'), wish: wish('funnel', 1_000) };
    expect(wishAfter({ type: 'started', said: said('off'), remembered }).untilMs).toBe(1_000);
  });
});

describe('an edit of the file', () => {
  it.each<[string, string, ExposureMode, ExposureMode]>([
    // Before, after, what is so, what counts.
    ['serve', 'off', 'serve', 'off'],
    ['off', 'serve', 'off', 'serve'],
    ['off', 'serve', 'funnel', 'serve'],
    ['serve', 'serve', 'off', 'off'],
    ['off', 'off', 'funnel', 'funnel'],
    // The command line has chosen the same as the file, or something else: the edit is newer.
    ['serve --serve', 'off --serve', 'serve', 'off'],
    ['serve --serve', 'funnel --serve', 'serve', 'funnel'],
    ['off --serve', 'funnel --serve', 'serve', 'funnel'],
    ['off --serve', 'off --serve', 'serve', 'serve'],
    // Off on the command line is for the whole run, but for a person who switches it.
    ['off --off', 'funnel --off', 'off', 'off'],
    ['serve --off', 'off --off', 'serve', 'serve'],
  ])('“%s” → “%s” while it is %s: %s', (before, after, now, mode) => {
    const word = { type: 'edited', before: said(before), after: said(after), now: wish(now) } as const;
    expect(wishAfter(word).mode).toBe(mode);
  });

  it('of the port alone is one too', () => {
    const word = { type: 'edited', before: said('serve'), after: { ...said('serve'), port: 8443 } } as const;
    expect(wishAfter({ ...word, now: wish('serve') }).port).toBe(8443);
  });
});

it('a switch counts at once, whatever was said', () => {
  expect(wishAfter({ type: 'switched', to: wish('serve') })).toEqual(wish('serve'));
});
