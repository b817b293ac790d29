'use strict';
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { root } = require('./root.cjs');
const { Sentence, say } = require('./say.cjs');

const MODULE = path.join(root, 'e2e', 'tailnet', 'control');
/** Where Go is where it is not on the PATH: as its own installer puts it. */
const GO_PLACES = ['go', '/usr/local/go/bin/go'];
const PROGRAMS = ['tailscale', 'tailscaled', 'control'];
/** The first build compiles a few hundred packages. */
const BUILD_LIMIT_MS = 1_800_000;

/**
 * A folder with `tailscale`, `tailscaled` and the test control server of the Tailscale module, built from source into the
 * user's cache: nothing is installed, and nothing is told to Tailscale.
 *
 * @throws Sentence why they cannot be had here
 */
function tailscalePrograms() {
  if (process.platform !== 'linux')
    throw new Sentence(`the test tailnet is made for Linux; this is ${process.platform}.`);
  const sources = fs.readFileSync(path.join(MODULE, 'go.mod'), 'utf8');
  const version = /tailscale\.com v([\d.]+)/.exec(sources)[1];
  const cache = process.env.XDG_CACHE_HOME || path.join(os.homedir(), '.cache');
  const folder = path.join(cache, 'gangway', `tailscale-${version}-${process.arch}`);
  const newest = Math.max(...fs.readdirSync(MODULE).map((name) => fs.statSync(path.join(MODULE, name)).mtimeMs));
  const isFresh = PROGRAMS.every((name) => mtimeOf(path.join(folder, name)) > newest);
  if (!isFresh) build(folder, version);
  return { folder, version };
}

function mtimeOf(file) {
  return fs.existsSync(file) ? fs.statSync(file).mtimeMs : 0;
}

function build(folder, version) {
  const go = GO_PLACES.find((place) => spawnSync(place, ['version']).status === 0);
  if (go === undefined) throw new Sentence('there is no Go toolchain (1.21 or newer) to build Tailscale with.');
  fs.mkdirSync(folder, { recursive: true });
  say(`building Tailscale ${version} and its test control server with Go; the first time takes some minutes`);
  run(go, ['build', '-trimpath', '-o', `${folder}${path.sep}`, 'tool']);
  run(go, ['test', '-c', '-trimpath', '-o', path.join(folder, 'control'), '.']);
}

function run(go, args) {
  const env = { ...process.env, GOTOOLCHAIN: process.env.GOTOOLCHAIN || 'auto' };
  const { status, stderr, error } = spawnSync(go, args, {
    cwd: MODULE,
    env,
    encoding: 'utf8',
    timeout: BUILD_LIMIT_MS,
  });
  if (status === 0) return;
  const words = error?.message ?? stderr.trim().split('\n').slice(-3).join(' ');
  throw new Sentence(`go ${args[0]} failed: ${words}`);
}

module.exports = { tailscalePrograms };
