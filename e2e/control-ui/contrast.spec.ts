import { expect, test } from '@playwright/test';

import { openApp, PLACE, useRenderer } from './control-ui.ts';
import { snapshot } from './fixtures.ts';

test.use(PLACE);
const renderer = useRenderer();

type Pair = readonly [text: string, ground: string, floor: number];

const across = (texts: readonly string[], grounds: readonly string[], floor: number): readonly Pair[] =>
  texts.flatMap((text) => grounds.map((ground): Pair => [text, ground, floor]));

const STATES = ['connected', 'connecting', 'waiting', 'failed', 'off', 'exposed', 'public'];
const FLAGS = [1, 2, 3, 4, 5, 6].map((hue) => `flag-${hue}`);

/** Every text on every ground it stands on, and every shape and boundary, with the floor of WCAG 2.2. */
const PAIRS: readonly Pair[] = [
  ...across(['ink', 'ink-2', 'ink-3'], ['ground', 'surface', 'well', 'raised', 'select'], 4.5),
  ...across(['accent', ...STATES], ['ground', 'surface', 'well', 'raised'], 4.5),
  ...STATES.flatMap((state) => across([state, 'ink', 'ink-2'], [`${state}-soft`], 4.5)),
  ...across(['ink-3'], ['off-soft', 'public-soft'], 4.5),
  ['on-solid', 'solid', 4.5],
  ['on-danger', 'danger', 4.5],
  ['accent', 'select', 3],
  ['solid', 'surface', 3],
  ...across(['edge'], ['surface', 'raised', 'well', 'ground'], 3),
  ...across(FLAGS, ['surface', 'ground', 'raised', 'select'], 3),
];

type Rgb = readonly number[];

function luminance(rgb: Rgb): number {
  const [r = 0, g = 0, b = 0] = rgb
    .map((part) => part / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(one: Rgb, other: Rgb): number {
  const [high = 0, low = 0] = [luminance(one), luminance(other)].toSorted((a, b) => b - a);
  return (high + 0.05) / (low + 0.05);
}

/** Colours as the browser computes them from the built style sheet. */
function readTokens(names: readonly string[]): Record<string, number[]> {
  const probe = document.body.appendChild(document.createElement('i'));
  const read = (name: string): number[] => {
    probe.style.color = `var(--${name})`;
    return (getComputedStyle(probe).color.match(/\d+(\.\d+)?/g) ?? []).map(Number);
  };
  const tokens = Object.fromEntries(names.map((name) => [name, read(name)]));
  probe.remove();
  return tokens;
}

for (const colorScheme of ['light', 'dark'] as const) {
  test(`every pair of colours can be told apart, ${colorScheme}`, async ({ page }) => {
    await page.emulateMedia({ colorScheme });
    await openApp(page, { url: renderer.url(), snapshot: snapshot() });
    await expect(page.getByRole('main')).toBeVisible();
    const tokens = await page.evaluate(readTokens, [...new Set(PAIRS.flatMap(([text, ground]) => [text, ground]))]);
    const tooClose = PAIRS.filter(
      ([text, ground, floor]) => contrast(tokens[text] ?? [], tokens[ground] ?? []) < floor,
    );
    expect(PAIRS.length).toBeGreaterThan(90);
    expect(tooClose).toEqual([]);
    // Light and dark are not the same by mistake.
    expect(luminance(tokens['surface'] ?? []) > 0.5).toBe(colorScheme === 'light');
  });
}
