// `npm run test:openssh10`: the tests of the tunnel against OpenSSH 10, server and client, and what its
// PerSourcePenalties make of us. Downloads it once (24 MB). Arguments go to Vitest.
'use strict';
require('./lib/node-version.cjs').refuseOldNode();
const path = require('node:path');
const { askedToStop, exitCodeOf } = require('./lib/child.cjs');
const { openssh10 } = require('./lib/openssh10.cjs');
const { pinnedEnv } = require('./lib/pinned-node.cjs');
const { prepare } = require('./lib/prepare.cjs');
const { root } = require('./lib/root.cjs');
const { runNode } = require('./lib/run-node.cjs');
const { Sentence, runMain, say } = require('./lib/say.cjs');
const { systemPackages } = require('./lib/system-packages.cjs');
const { tool } = require('./lib/tool.cjs');

async function main() {
  await prepare({ built: false });
  await systemPackages();
  if (askedToStop() !== undefined) return 1;
  const { programs, version } = found();
  say(`testing against ${version}`);
  const env = pinnedEnv();
  const args = [...tool('unit'), '--config', 'vitest.openssh10.config.ts', ...process.argv.slice(2)];
  return exitCodeOf(
    await runNode(args, {
      cwd: root,
      env: { ...env, PATH: `${programs}${path.delimiter}${env.PATH}`, GANGWAY_TEST_SSHD: path.join(programs, 'sshd') },
      stopWith: 'SIGINT',
    }),
  );
}

function found() {
  try {
    return openssh10();
  } catch (error) {
    if (!(error instanceof Sentence)) throw error;
    throw new Sentence(`NOTHING WAS TESTED against OpenSSH 10: ${error.message}`);
  }
}

void runMain(main);
