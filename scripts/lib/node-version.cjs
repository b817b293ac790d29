// Read by every Node there is, before anything newer is parsed: plain syntax only.
'use strict';

const OLDEST_MAJOR = 20;

/** Ends the process with a sentence where this Node is too old to install anything. */
function refuseOldNode() {
  const major = Number(process.versions.node.split('.')[0]);
  if (major >= OLDEST_MAJOR) return;
  console.error(
    'gangway: Node ' + process.versions.node + ' is too old. Install Node ' + OLDEST_MAJOR + ' or newer and try again.',
  );
  process.exit(1);
}

module.exports = { refuseOldNode };
