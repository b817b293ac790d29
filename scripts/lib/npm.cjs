'use strict';
const fs = require('node:fs');
const path = require('node:path');
const { runChild, askedToStop, exitCodeOf } = require('./child.cjs');
const { runNode } = require('./run-node.cjs');
const { Sentence, say } = require('./say.cjs');

const PROGRESS_MS = 5_000;
/** Whatever a person's configuration leaves out, the build needs. */
const ALWAYS = ['--include=dev', '--include=optional', '--no-audit', '--no-fund', '--loglevel=error'];

/** Runs npm in `folder`, with a line of progress every five seconds. @throws Sentence */
async function runNpm(folder, args) {
  const startedAtMs = Date.now();
  const seconds = () => Math.round((Date.now() - startedAtMs) / 1_000);
  const progress = setInterval(() => say(`  still installing after ${seconds()} s`), PROGRESS_MS);
  try {
    const result = await startNpm([...args, ...ALWAYS], folder);
    if (askedToStop() !== undefined) throw new Sentence('Stopped while installing. The next start goes on.');
    if (result.code === 0) return;
    throw new Sentence(`npm could not install the packages (exit code ${exitCodeOf(result)}); the reason is above.`);
  } catch (error) {
    if (error.code === 'ENOENT')
      throw new Sentence('npm was not found. Install it (it comes with Node) and try again.');
    throw error;
  } finally {
    clearInterval(progress);
  }
}

/** The npm that runs us, else the one on PATH. */
function startNpm(args, cwd) {
  const { npm_execpath: cli, npm_node_execpath: node } = process.env;
  const isNpm = cli !== undefined && path.basename(cli) === 'npm-cli.js' && fs.existsSync(cli);
  if (isNpm) {
    return runNode([cli, ...args], { node: node !== undefined && fs.existsSync(node) ? node : process.execPath, cwd });
  }
  const options = { cwd, stdio: ['ignore', 'inherit', 'inherit'] };
  // On Windows npm is a command file, which only a shell runs; the arguments are all ours.
  if (process.platform === 'win32') return runChild('npm.cmd', args, { ...options, shell: true });
  return runChild('npm', args, options);
}

module.exports = { runNpm };
