'use strict';
const { build, buildFresh } = require('./build.cjs');
const { dependenciesFresh, installDependencies } = require('./dependencies.cjs');
const { withLock } = require('./lock.cjs');
const { root, at } = require('./root.cjs');
const { say } = require('./say.cjs');

const PEER = at('e2e', 'peer');

/** What is wanted besides the packages. */
const NOTHING_ELSE = { built: false, peer: false };

/**
 * Makes sure the packages are installed and, if wanted, that the build is as new as the sources and the real OpenClaw
 * is here for the peer tests. Does nothing where all is well; only one process at a time does anything.
 *
 * @throws Sentence
 */
async function prepare(wanted = NOTHING_ELSE) {
  if (isReady(wanted)) return;
  const onWait = (pid) => say(`waiting for process ${pid}, which is installing or building here`);
  await withLock(at('out', '.prepare.lock'), onWait, async ({ cutOff }) => {
    if (!dependenciesFresh(root)) {
      await installDependencies(root, { what: 'the packages, about 480 MB', suspect: cutOff });
    }
    if (wanted.built && !buildFresh()) await build();
    if (wanted.peer && !dependenciesFresh(PEER)) {
      const what = 'the real OpenClaw for the peer tests: about 650 MB, half a minute';
      await installDependencies(PEER, { what, suspect: cutOff, npmArgs: ['--ignore-scripts'] });
    }
  });
}

function isReady({ built, peer }) {
  return dependenciesFresh(root) && (!built || buildFresh()) && (!peer || dependenciesFresh(PEER));
}

module.exports = { prepare, PEER };
