'use strict';
const { spawn } = require('node:child_process');
const { isRunning, npmProcess } = require('./processes.cjs');

const STOP_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];
const GRACE_MS = 10_000;
const LEFTOVER_GRACE_MS = 3_000;
const SAME_WISH_MS = 500;
const POLL_MS = 50;
const NPM_CHECK_MS = 500;

// Asked while it certainly runs: later its number may be that of a stranger.
const npm = npmProcess();
let stoppedBy;

/** The signal that asked this process to stop, once one has. */
const askedToStop = () => stoppedBy;

/**
 * Runs a program to its end and leaves nothing of it behind. It gets a process group of its own, so that a stop signal
 * reaches it exactly once, passed on from here, whoever sent it: Ctrl+C and `timeout` signal whole groups, `kill` does
 * not, and to our programs a second signal means “at once”. What ignores the signal for 10 s is killed.
 *
 * - `interactive` keeps it in this process group, which a program that asks for a password needs.
 * - `stopWith` is the signal it is stopped by, whichever came.
 * - `timeoutMs` kills it after that time.
 *
 * Resolves with `{ code, signal, ms }`; `code` is undefined when a signal ended it. Rejects when it cannot be started.
 */
async function runChild(file, args, options = {}) {
  const { interactive = false, stopWith, timeoutMs, ...spawnOptions } = options;
  const startedAtMs = Date.now();
  const detached = process.platform !== 'win32' && !interactive;
  const child = spawn(file, args, { stdio: 'inherit', ...spawnOptions, detached });
  // A further pipe is there to break when one side ends; that is no fault.
  for (const pipe of child.stdio.slice(3)) pipe.on('error', () => {});
  const target = detached && child.pid !== undefined ? -child.pid : child.pid;
  const release = passSignalsOn(child, { interactive, stopWith, killAll: () => send(target, 'SIGKILL') });
  const deadline = timeoutMs === undefined ? undefined : setTimeout(() => send(target, 'SIGKILL'), timeoutMs);
  try {
    const end = await ended(child);
    if (detached) await endGroup(target);
    return { ...end, ms: Date.now() - startedAtMs };
  } finally {
    clearTimeout(deadline);
    release();
  }
}

function ended(child) {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) =>
      resolve({ code: code === null ? undefined : code, signal: signal === null ? undefined : signal }),
    );
  });
}

/** Returns a function that ends the passing on. */
function passSignalsOn(child, { interactive, stopWith, killAll }) {
  let force;
  let passedOnAtMs = 0;
  const stop = (signal) => {
    // One wish told twice: by a signal to the whole group, and by npm, which passes on what it got.
    if (Date.now() - passedOnAtMs < SAME_WISH_MS) return;
    passedOnAtMs = Date.now();
    if (stoppedBy === undefined) stoppedBy = signal;
    // A terminal has told the whole group already.
    const toldByTerminal = interactive && signal === 'SIGINT' && process.stdin.isTTY;
    if (!toldByTerminal) child.kill(stopWith === undefined ? signal : stopWith);
    if (force === undefined) force = setTimeout(() => killAll(), GRACE_MS);
  };
  for (const signal of STOP_SIGNALS) process.on(signal, stop);
  const npmWatch = watchNpm(() => stop('SIGTERM'));
  return () => {
    clearTimeout(force);
    clearInterval(npmWatch);
    for (const signal of STOP_SIGNALS) process.removeListener(signal, stop);
  };
}

/** npm, when it is killed, takes at most its shell with it, not us: nobody tells us that it is gone. */
function watchNpm(gone) {
  if (npm === undefined) return undefined;
  const watch = setInterval(() => {
    if (isRunning(npm)) return;
    clearInterval(watch);
    gone();
  }, NPM_CHECK_MS);
  return watch;
}

/** What a program has left in its group has nobody to end it any more. */
async function endGroup(group) {
  const untilMs = Date.now() + LEFTOVER_GRACE_MS;
  send(group, 'SIGTERM');
  while (isRunning(group) && Date.now() < untilMs) await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  send(group, 'SIGKILL');
}

function send(target, signal) {
  // A program that could not be started has no process id.
  if (!target) return;
  try {
    process.kill(target, signal);
  } catch (error) {
    // macOS says EPERM of a group whose members have all ended.
    if (error.code !== 'ESRCH' && error.code !== 'EPERM') throw error;
  }
}

/** The exit code for a result of `runChild`: that of the program, or what a shell says of one that was stopped. */
function exitCodeOf({ code, signal }) {
  if (code !== undefined) return code;
  return { SIGINT: 130, SIGTERM: 143 }[signal] || 1;
}

module.exports = { runChild, askedToStop, exitCodeOf };
