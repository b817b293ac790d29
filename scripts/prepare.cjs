// Packages and build, and nothing more; with `--peer` also the real OpenClaw. For programs that need them.
'use strict';
require('./lib/node-version.cjs').refuseOldNode();
const { prepare } = require('./lib/prepare.cjs');
const { runMain } = require('./lib/say.cjs');

void runMain(() => prepare({ built: true, peer: process.argv.includes('--peer') }));
