// `npm run test:peer`: the real OpenClaw, its command line and its gateway, against ours. Installed on demand into
// e2e/peer. Arguments go to Playwright.
'use strict';
require('./lib/node-version.cjs').refuseOldNode();
const { askedToStop, exitCodeOf } = require('./lib/child.cjs');
const { pinnedEnv } = require('./lib/pinned-node.cjs');
const { prepare } = require('./lib/prepare.cjs');
const { root } = require('./lib/root.cjs');
const { runNode } = require('./lib/run-node.cjs');
const { runMain } = require('./lib/say.cjs');
const { systemPackages } = require('./lib/system-packages.cjs');
const { tool } = require('./lib/tool.cjs');

async function main() {
  await prepare({ built: true, peer: true });
  await systemPackages();
  if (askedToStop() !== undefined) return 1;
  const args = tool('e2e', ...process.argv.slice(2));
  const forPeer = args.map((word) => word.replace('e2e/playwright', 'e2e/peer/playwright'));
  return exitCodeOf(await runNode(forPeer, { cwd: root, env: pinnedEnv(), stopWith: 'SIGINT' }));
}

void runMain(main);
