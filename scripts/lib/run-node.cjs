'use strict';
const { runChild } = require('./child.cjs');
const { pinnedNode } = require('./pinned-node.cjs');

const LIFELINE = require.resolve('./lifeline.cjs');

/**
 * `runChild` for a program of JavaScript, which ends with this process even when this is killed. `node` is another Node
 * than the pinned one; `input` says whether the program reads ours.
 */
function runNode(args, { node, input = false, ...options } = {}) {
  const stdio = [input ? 'inherit' : 'ignore', 'inherit', 'inherit', 'pipe'];
  return runChild(node === undefined ? pinnedNode() : node, ['--require', LIFELINE, ...args], { ...options, stdio });
}

module.exports = { runNode };
