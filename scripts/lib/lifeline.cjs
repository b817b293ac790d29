// Loaded by `run-node.cjs` into the programs it starts. It holds the other end of a pipe at descriptor 3, which the
// system closes when that process ends, however it ends: so none of them can be left behind alone.
'use strict';
const { Socket } = require('node:net');
const { isMainThread } = require('node:worker_threads');

if (isMainThread) {
  // What this program forks inherits its options, and has something else at descriptor 3.
  const option = process.execArgv.indexOf(__filename);
  process.execArgv.splice(option - 1, 2);
  const line = new Socket({ fd: 3 });
  line.unref();
  line.on('error', () => {});
  line.on('close', () => process.kill(process.pid, 'SIGINT'));
  line.resume();
}
