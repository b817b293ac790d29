'use strict';
const { createHash } = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');
const { runNpm } = require('./npm.cjs');
const { say } = require('./say.cjs');

/** Inside `node_modules`, so that it goes when they go. */
const STAMP = '.lock-stamp';

const hashOf = (file) => createHash('sha256').update(fs.readFileSync(file)).digest('hex');

/** Whether `node_modules` of `folder` was made from its present lock file. */
function dependenciesFresh(folder) {
  const stamp = path.join(folder, 'node_modules', STAMP);
  const lock = path.join(folder, 'package-lock.json');
  if (fs.existsSync(stamp) && fs.readFileSync(stamp, 'utf8') === hashOf(lock)) return true;
  if (!holdsAll(folder)) return false;
  fs.writeFileSync(stamp, hashOf(lock));
  return true;
}

/**
 * Brings `node_modules` of `folder` to what its lock file says. `suspect` distrusts what is there: an installation that
 * was cut off leaves half-written packages that npm takes for whole.
 *
 * @throws Sentence
 */
async function installDependencies(folder, { what, suspect, npmArgs = [] }) {
  const nodeModules = path.join(folder, 'node_modules');
  const empty = !fs.existsSync(nodeModules) || fs.readdirSync(nodeModules).length === 0;
  // `ci` begins by deleting everything, and Windows does not delete the node.exe that may be running us.
  const anew = empty || (suspect && process.platform !== 'win32');
  say(`installing ${what}${empty ? ' (the first time only)' : ''}`);
  fs.rmSync(path.join(nodeModules, STAMP), { force: true });
  await runNpm(folder, [...(anew ? ['ci'] : ['install', '--no-save']), ...npmArgs]);
  fs.writeFileSync(path.join(nodeModules, STAMP), hashOf(path.join(folder, 'package-lock.json')));
}

/** An installation made by hand: npm keeps a list of what it has put there, written last. */
function holdsAll(folder) {
  const list = path.join(folder, 'node_modules', '.package-lock.json');
  if (!fs.existsSync(list)) return false;
  const installed = readPackages(list);
  const wanted = Object.entries(readPackages(path.join(folder, 'package-lock.json')));
  return wanted.every(([place, { version, optional, devOptional }]) => {
    if (place === '') return true;
    const found = installed[place];
    return found === undefined ? Boolean(optional || devOptional) : found.version === version;
  });
}

function readPackages(file) {
  try {
    return JSON.parse(fs.readFileSync(file, 'utf8')).packages || {};
  } catch {
    // A list that was cut off says nothing about what is there.
    return {};
  }
}

module.exports = { dependenciesFresh, installDependencies };
