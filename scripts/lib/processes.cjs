'use strict';
const { execFileSync } = require('node:child_process');
const fs = require('node:fs');

const SHELLS = ['sh', 'bash', 'dash', 'ash', 'zsh'];

/**
 * The process id of the npm that runs this script, undefined when none does or it cannot be told. Between the two there
 * may be a shell: whether it steps aside depends on the system.
 */
function npmProcess() {
  if (process.env.npm_lifecycle_event === undefined || process.platform === 'win32') return undefined;
  try {
    const { name, parent } = process.platform === 'linux' ? fromProc(process.ppid) : fromPs(process.ppid);
    return SHELLS.includes(name) ? parent : process.ppid;
  } catch {
    return undefined;
  }
}

function fromProc(pid) {
  const stat = fs.readFileSync(`/proc/${pid}/stat`, 'utf8');
  const nameEnd = stat.lastIndexOf(')');
  return { name: stat.slice(stat.indexOf('(') + 1, nameEnd), parent: Number(stat.slice(nameEnd + 2).split(' ')[1]) };
}

function fromPs(pid) {
  const [parent, name] = execFileSync('ps', ['-o', 'ppid=,comm=', '-p', String(pid)], { encoding: 'utf8' })
    .trim()
    .split(/\s+/);
  return { name: name.replace(/^.*\/|^-/, ''), parent: Number(parent) };
}

/** Also true for a process of another user. A negative number asks about a group. */
function isRunning(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

module.exports = { isRunning, npmProcess };
