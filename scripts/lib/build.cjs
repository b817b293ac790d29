'use strict';
const { createHash } = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');
const { askedToStop } = require('./child.cjs');
const { pinnedEnv } = require('./pinned-node.cjs');
const { root, at } = require('./root.cjs');
const { runNode } = require('./run-node.cjs');
const { Sentence, say } = require('./say.cjs');
const { tool } = require('./tool.cjs');

const SOURCES = [
  'src-main',
  'src-preload',
  'src-renderer',
  'electron.vite.config.ts',
  'package.json',
  'package-lock.json',
];
const OUTPUTS = ['out/main/cli.js', 'out/main/index.js', 'out/main/gateway-host.js', 'out/preload', 'out/renderer'];
const STAMP = at('out', '.build-stamp');

/** Whether everything built is there and made from the sources as they are now. */
function buildFresh() {
  const complete = OUTPUTS.every((file) => fs.existsSync(at(file)));
  return complete && fs.existsSync(STAMP) && fs.readFileSync(STAMP, 'utf8') === fingerprint();
}

/** @throws Sentence when it fails; the compiler has said why by then. */
async function build() {
  // Taken before: a file saved while the compiler runs makes the next start build again.
  const sources = fingerprint();
  fs.rmSync(STAMP, { force: true });
  say('building');
  const result = await runNode(tool('build'), { cwd: root, env: pinnedEnv() });
  if (askedToStop() !== undefined) throw new Sentence('Stopped while building.');
  if (result.code !== 0) throw new Sentence('The build failed; the reason is above.');
  fs.writeFileSync(STAMP, sources);
}

/** Names, sizes and times of all sources: it also changes when one is deleted or an older one comes back. */
function fingerprint() {
  const hash = createHash('sha256');
  for (const source of SOURCES) addTo(hash, source);
  return hash.digest('hex');
}

function addTo(hash, file) {
  const facts = fs.statSync(at(file));
  if (!facts.isDirectory()) return void hash.update(`${file}\n${facts.size}\n${facts.mtimeMs}\n`);
  for (const name of fs.readdirSync(at(file)).toSorted()) addTo(hash, path.join(file, name));
}

module.exports = { buildFresh, build };
