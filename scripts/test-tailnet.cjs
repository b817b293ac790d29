// `npm run test:tailnet`: the same specs in a tailnet of a fake Tailscale, and then of the real programs, on this computer
// alone. Builds those with Go, once. Arguments go to Playwright.
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
  say('testing in a tailnet of the fake Tailscale');
  const onFake = await specs({ GANGWAY_TEST_TAILSCALE: undefined });
  if (askedToStop() !== undefined) return 1;
  const { folder, version } = found();
  say(`testing in a tailnet of Tailscale ${version}`);
  const onReal = await specs({ GANGWAY_TEST_TAILSCALE: folder });
  return onFake || onReal;
}

async function specs(extraEnv) {
  const args = tool('e2e', ...process.argv.slice(2));
  const forTailnet = args.map((word) => word.replace('e2e/playwright', 'e2e/tailnet/playwright'));
  return exitCodeOf(await runNode(forTailnet, { cwd: root, env: { ...pinnedEnv(), ...extraEnv }, stopWith: 'SIGINT' }));
}

function found() {
  try {
    return tailscalePrograms();
  } catch (error) {
    if (!(error instanceof Sentence)) throw error;
    throw new Sentence(`NOTHING WAS TESTED against real Tailscale, only against the fake: ${error.message}`);
  }
}

void runMain(main);
