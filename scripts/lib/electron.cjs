'use strict';
const fs = require('node:fs');
const path = require('node:path');
const { runChild } = require('./child.cjs');
const { pinnedNode } = require('./pinned-node.cjs');
const { root, at } = require('./root.cjs');
const { say } = require('./say.cjs');

const DOWNLOAD_LIMIT_MS = 600_000;
/** An app that a person has used is not one that failed to start. */
const AT_ONCE_MS = 5_000;

/** Why no window can be had here, as the start of a sentence; undefined where one can. */
function noWindowBecause({ platform, env, getuid }) {
  if (platform !== 'linux') return undefined;
  if (!env.DISPLAY && !env.WAYLAND_DISPLAY) return 'there is no display';
  // Chromium refuses to run sandboxed as root, and without its sandbox we do not want to run.
  if (getuid() === 0) return 'Electron does not run as root';
  return undefined;
}

/** The Electron program where it has been downloaded: the package notes its name in `path.txt` then. */
function electronBinary() {
  const note = at('node_modules', 'electron', 'path.txt');
  if (!fs.existsSync(note)) return undefined;
  const folder = process.env.ELECTRON_OVERRIDE_DIST_PATH || at('node_modules', 'electron', 'dist');
  const binary = path.join(folder, fs.readFileSync(note, 'utf8').trim());
  return fs.existsSync(binary) ? binary : undefined;
}

/** @returns the program, undefined where it cannot be had: a server without that network is a place we run on */
async function downloadElectron() {
  say('downloading Electron (the first time only)');
  const installer = at('node_modules', 'electron', 'install.js');
  const options = { cwd: root, stdio: ['ignore', 'inherit', 'ignore'], timeoutMs: DOWNLOAD_LIMIT_MS };
  const { code } = await runChild(pinnedNode(), [installer], options);
  return code === 0 ? electronBinary() : undefined;
}

/** Why Electron ended as soon as it was started, as the start of a sentence; undefined when it did not. */
function failedAtOnce({ code, signal, ms }) {
  if (ms > AT_ONCE_MS) return undefined;
  if (code === 127) return 'Electron misses shared libraries of this system';
  // How Chromium ends where the system does not let it make its sandbox.
  if (signal === 'SIGTRAP' || signal === 'SIGABRT') return 'Electron could not make its sandbox here';
  return undefined;
}

module.exports = { electronBinary, downloadElectron, noWindowBecause, failedAtOnce };
