'use strict';
const fs = require('node:fs');
const path = require('node:path');
const { isRunning } = require('./processes.cjs');

const BEAT_MS = 2_000;
/** A holder that has not moved for so long is gone, also when a stranger has its process id by now. */
const DEAD_AFTER_MS = 30_000;
const POLL_MS = 200;

/**
 * Runs `work` while this process alone holds the lock `file`. `work` is told whether an earlier holder was cut off in
 * the middle. `onWait` is called once, with the holder's process id, when there is something to wait for.
 */
async function withLock(file, onWait, work) {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  const cutOff = await takeLock(file, onWait);
  const beat = setInterval(() => touch(file), BEAT_MS);
  beat.unref();
  try {
    return await work({ cutOff });
  } finally {
    clearInterval(beat);
    fs.rmSync(file, { force: true });
  }
}

async function takeLock(file, onWait) {
  let cutOff = false;
  for (let round = 0; !create(file); round += 1) {
    const holder = readHolder(file);
    if (holder === undefined) continue;
    if (holder.alive) {
      if (round === 0) onWait(holder.pid);
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    } else {
      cutOff = true;
      fs.rmSync(file, { force: true });
    }
  }
  return cutOff;
}

function create(file) {
  try {
    fs.writeFileSync(file, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  }
}

function readHolder(file) {
  try {
    const pid = Number(fs.readFileSync(file, 'utf8'));
    const silentMs = Date.now() - fs.statSync(file).mtimeMs;
    // Between its creation and its first byte a lock has no process id: it is young, so its holder lives.
    return { pid, alive: silentMs < DEAD_AFTER_MS && (pid === 0 || isRunning(pid)) };
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}

function touch(file) {
  const now = new Date();
  try {
    fs.utimesSync(file, now, now);
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
  }
}

module.exports = { withLock };
