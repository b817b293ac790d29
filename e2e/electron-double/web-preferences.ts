import { existsSync } from 'node:fs';

import { notImplemented } from './strict.ts';

/** What the double's windows always have. Chromium itself enforces none of it differently per window. */
const SAFE = {
  contextIsolation: true,
  sandbox: true,
  webSecurity: true,
  nodeIntegration: false,
  nodeIntegrationInSubFrames: false,
  nodeIntegrationInWorker: false,
  allowRunningInsecureContent: false,
  experimentalFeatures: false,
  webviewTag: false,
} as const satisfies Electron.WebPreferences;

const HARMLESS = new Set<string>([
  'additionalArguments',
  'backgroundThrottling',
  'defaultEncoding',
  'devTools',
  'disableDialogs',
  'partition',
  'preload',
  'safeDialogs',
  'session',
  'spellcheck',
]);

/**
 * The preferences a window gets.
 *
 * @throws Error for anything that weakens a window: a test must not pass with what a release must not have.
 */
export function safePreferences(wanted: Electron.WebPreferences): Electron.WebPreferences {
  for (const [name, value] of Object.entries(wanted)) {
    if (value === undefined || HARMLESS.has(name)) continue;
    if (!(name in SAFE)) throw notImplemented(`webPreferences.${name}`);
    if (value !== SAFE[name as keyof typeof SAFE]) {
      throw new Error(`electron-double: webPreferences.${name} = ${String(value)} weakens the window and is refused`);
    }
  }
  checkPreload(wanted.preload);
  return { ...SAFE, ...wanted };
}

function checkPreload(preload: string | undefined): void {
  if (preload === undefined) return;
  if (preload.endsWith('.mjs')) throw new Error(`A sandboxed preload cannot be an ES module: ${preload}`);
  if (!existsSync(preload)) throw new Error(`Unable to load preload script: ${preload}`);
}
