'use strict';

/** A fault whose message is the whole story: shown as it is, without a stack. */
class Sentence extends Error {}

/** One line of progress. */
function say(text) {
  process.stdout.write(`gangway: ${text}\n`);
}

/** Runs a script's `main` and turns what it resolves with, or throws, into the exit code. */
async function runMain(main) {
  try {
    process.exitCode = await main();
  } catch (error) {
    process.stderr.write(`gangway: ${error instanceof Sentence ? error.message : error.stack}\n`);
    process.exitCode = 1;
  }
}

module.exports = { Sentence, say, runMain };
