// `npm start`, also on a fresh clone, from whatever Node npm itself runs on: packages, build, then the app.
// Built-ins only. No `prestart` in package.json, because `ignore-scripts=true` in a person's npmrc would skip it.
'use strict';
require('./lib/node-version.cjs').refuseOldNode();
const { runChild, askedToStop, exitCodeOf } = require('./lib/child.cjs');
const { electronBinary, downloadElectron, noWindowBecause, failedAtOnce } = require('./lib/electron.cjs');
const { pinnedEnv } = require('./lib/pinned-node.cjs');
const { prepare } = require('./lib/prepare.cjs');
const { root, at } = require('./lib/root.cjs');
const { runNode } = require('./lib/run-node.cjs');
const { runMain, say } = require('./lib/say.cjs');

const wantsHeadless = process.argv.includes('--headless');
const forwarded = process.argv.slice(2).filter((word) => word !== '--headless');

async function main() {
  await prepare({ built: true, peer: false });
  if (wantsHeadless) return headless('starting without a window, as you asked');
  const obstacle = noWindowBecause(process);
  return obstacle === undefined ? desktop() : headless(`${obstacle}: starting without a window`);
}

/** The tray app, or the app without a window where Electron turns out not to run. */
async function desktop() {
  const binary = electronBinary() || (await downloadElectron());
  if (askedToStop() !== undefined) return 1;
  if (binary === undefined) return headless('Electron could not be downloaded: starting without a window');
  say('starting the app');
  try {
    const result = await runChild(binary, ['.', ...forwarded], { cwd: root });
    const fault = askedToStop() === undefined ? failedAtOnce(result) : undefined;
    return fault === undefined ? exitCodeOf(result) : headless(`${fault}: starting without a window`);
  } catch (error) {
    return headless(`Electron could not be started (${error.code}): starting without a window`);
  }
}

async function headless(why) {
  say(why);
  const args = [at('out', 'main', 'cli.js'), 'app', '--headless', ...forwarded];
  return exitCodeOf(await runNode(args, { cwd: root, env: pinnedEnv(), input: true }));
}

void runMain(main);
