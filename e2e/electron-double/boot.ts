import './register.ts';

import { open } from 'node:inspector';
import { createRequire } from 'node:module';
import { join } from 'node:path';

import { app, becomeReady } from './app.ts';
import { bootFacts } from './boot-facts.ts';
import { removeCiphersElectronLacks } from './boringssl.ts';
import { browser } from './chromium.ts';

const PARENT_CHECK_MS = 500;
const require = createRequire(join(bootFacts.root, 'package.json'));

imitateElectronProcess();
removeCiphersElectronLacks();
if (bootFacts.switches.has('inspect')) open(Number(bootFacts.switches.get('inspect') || 9229), '127.0.0.1', false);
for (const hook of bootFacts.requires) require(hook);
// A tester connects to Chromium before it lets the app become ready; anyone else gets it with the first window.
if (bootFacts.underTester) {
  endWithParent();
  await browser();
}
await loadMainScript();
await becomeReady();

/** A tester that is killed closes nothing; an app that nobody can reach any more must not stay. */
function endWithParent(): void {
  const parent = process.ppid;
  const check = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(check);
    app.exit(1);
  }, PARENT_CHECK_MS);
}

/**
 * Electron, too, becomes ready only when the main script has run to its end, its top-level awaits included.
 *
 * @see https://github.com/electron/electron/issues/40719
 */
async function loadMainScript(): Promise<void> {
  const patience = setTimeout(() => {
    console.error(
      'The main script has not ended yet: does it await app.whenReady() at its top level? That never ends.',
    );
  }, 3000);
  await import(bootFacts.mainUrl);
  clearTimeout(patience);
}

function imitateElectronProcess(): void {
  const { version } = require('electron/package.json') as { version: string };
  process.argv = [...bootFacts.argv];
  Object.defineProperties(process, {
    type: { value: 'browser' },
    defaultApp: { value: true },
    resourcesPath: { value: join(bootFacts.root, 'resources') },
    versions: { value: Object.freeze({ ...process.versions, electron: version, chrome: '156.0.0.0' }) },
  });
}
