import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const STATES = ['connected', 'connecting', 'waiting', 'failed', 'off', 'public'];
const INK = '#12181c';
const PAPER = '#ffffff';
const TEAL = '#55ccb5';
/** What only an icon in colour can show: `class="pub"` in a drawing. */
const MAGENTA = '#f58cc8';

/** macOS recolours a black template itself. Elsewhere the colour of the bar is not known, so the icon brings a tile. */
const TRAY = [
  { drawing: 18, scale: 1, tile: false, name: (state) => `${state}Template.png` },
  { drawing: 18, scale: 2, tile: false, name: (state) => `${state}Template@2x.png` },
  { drawing: 16, scale: 1, tile: true, name: (state) => `${state}-16.png` },
  { drawing: 16, scale: 2, tile: true, name: (state) => `${state}-16@2x.png` },
  { drawing: 22, scale: 1, tile: true, name: (state) => `${state}-22.png` },
  { drawing: 22, scale: 2, tile: true, name: (state) => `${state}-22@2x.png` },
];
const APP_SIZES = [16, 32, 48, 64, 128, 256, 512];

const at = (path) => fileURLToPath(new URL(path, import.meta.url));

/** The icon of the app: the connected drawing, with the disc in the colour of a line that is well. */
function appIcon(size) {
  // Small icons have no pixels to spare for a margin.
  const margin = size >= 128 ? 1.1 : 0;
  const side = 22 - 2 * margin;
  const [tileAt, tileSide] = [margin, side];
  const scale = (side / 22) * 0.8;
  const shift = (22 - 22 * scale) / 2;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 22 22" width="${size}" height="${size}">
    <rect x="${tileAt}" y="${tileAt}" width="${tileSide}" height="${tileSide}" rx="${side * 0.22}" fill="${INK}"/>
    <g transform="translate(${shift} ${shift}) scale(${scale})">
      <path d="M8 14L17 5" stroke="${PAPER}" stroke-width="2.5"/>
      <rect x="1" y="13" width="8" height="8" rx="1" fill="${PAPER}"/>
      <circle cx="17" cy="5" r="4" fill="${TEAL}"/>
    </g>
  </svg>`;
}

async function trayIcon(state, { drawing, scale, tile }) {
  const source = await readFile(at(`tray/source/${state}-${drawing}.svg`), 'utf8');
  const size = drawing * scale;
  const ground = tile ? `<rect width="${drawing}" height="${drawing}" rx="${drawing * 0.15}" fill="${INK}"/>` : '';
  const inner = source
    .replace(/^<svg[^>]*>|<\/svg>\s*$/g, '')
    .replaceAll('class="pub"', tile ? `fill="${MAGENTA}"` : '');
  const colour = tile ? PAPER : '#000000';
  return {
    size,
    svg: `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${drawing} ${drawing}" width="${size}" height="${size}">${ground}<g color="${colour}" fill="currentColor">${inner}</g></svg>`,
  };
}

async function png(page, svg, size) {
  await page.setViewportSize({ width: size, height: size });
  await page.setContent(`<style>html,body{margin:0;background:none}svg{display:block}</style>${svg}`);
  return page.screenshot({ omitBackground: true, clip: { x: 0, y: 0, width: size, height: size } });
}

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  // Draws only our own files, and root has no sandbox.
  args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
});
try {
  const page = await browser.newPage();
  await mkdir(at('icons'), { recursive: true });
  for (const state of STATES) {
    for (const kind of TRAY) {
      const { svg, size } = await trayIcon(state, kind);
      await writeFile(at(`tray/${kind.name(state)}`), await png(page, svg, size));
    }
  }
  for (const size of APP_SIZES) await writeFile(at(`icons/${size}.png`), await png(page, appIcon(size), size));
  await writeFile(at('icon.png'), await png(page, appIcon(512), 512));
} finally {
  await browser.close();
}
