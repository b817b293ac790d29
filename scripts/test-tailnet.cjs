// `npm run test:tailnet`: our gateway in a tailnet of real Tailscale programs, on this computer alone. Builds them with Go,
// once. Arguments go to Playwright.
'use strict';
require('./lib/node-version.cjs').refuseOldNode();
const { askedToStop, exitCodeOf } = require('./lib/child.cjs');
const { pinnedEnv } = require('./lib/pinned-node.cjs');
const { prepare } = require('./lib/prepare.cjs');
const { root } = require('./lib/root.cjs');
const { runNode } = require('./lib/run-node.cjs');
const { Sentence, runMain, say } = require('./lib/say.cjs');
const { systemPackages } = require('./lib/system-packages.cjs');
const { tailscalePrograms } = require('./lib/tailscale.cjs');
const { tool } = require('./lib/tool.cjs');

async function main() {
  await prepare({ built: true });
  await systemPackages();
  if (askedToStop() !== undefined) return 1;
  const { folder, version } = found();
  say(`testing in a tailnet of Tailscale ${version}`);
  const args = tool('e2e', ...process.argv.slice(2));
  const forTailnet = args.map((word) => word.replace('e2e/playwright', 'e2e/tailnet/playwright'));
  const env = { ...pinnedEnv(), GANGWAY_TEST_TAILSCALE: folder };
  return exitCodeOf(await runNode(forTailnet, { cwd: root, env, stopWith: 'SIGINT' }));
}

function found() {
  try {
    return tailscalePrograms();
  } catch (error) {
    if (!(error instanceof Sentence)) throw error;
    throw new Sentence(`NOTHING WAS TESTED against real Tailscale: ${error.message}`);
  }
}

void runMain(main);
