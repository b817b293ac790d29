// `npm test`: everything there is to test, from whatever Node npm itself runs on. Ends with one plain line,
// `N passed, N failed`, and exits non-zero when anything failed.
'use strict';
require('./lib/node-version.cjs').refuseOldNode();
const fs = require('node:fs');
const { askedToStop, exitCodeOf } = require('./lib/child.cjs');
const { build } = require('./lib/build.cjs');
const { pinnedEnv } = require('./lib/pinned-node.cjs');
const { prepare } = require('./lib/prepare.cjs');
const { root, at } = require('./lib/root.cjs');
const { runNode } = require('./lib/run-node.cjs');
const { runMain, say, Sentence } = require('./lib/say.cjs');
const { systemPackages } = require('./lib/system-packages.cjs');
const { ONE_FAILED, countPlaywright, countVitest } = require('./lib/test-counts.cjs');
const { tool } = require('./lib/tool.cjs');

const UNIT = at('test-results', 'unit.json');
const E2E = at('test-results', 'e2e.json');

/** In order; a step that throws or answers a failure does not keep the others from running, but for `needs`. */
const STEPS = [
  { name: 'system packages', run: () => systemPackages() },
  { name: 'types', run: () => plain('types') },
  { name: 'lint', run: () => plain('lint') },
  { name: 'format', run: () => plain('format') },
  { name: 'unit tests', run: unitTests },
  { name: 'build', run: () => build() },
  { name: 'end-to-end tests', needs: 'build', run: endToEndTests },
];

async function main() {
  const total = { passed: 0, failed: 0 };
  const lines = [];
  const broken = new Set();
  try {
    await prepare();
    for (const step of STEPS) {
      if (broken.has(step.needs)) {
        lines.push(`${step.name}: not run, because ${step.needs} failed`);
        continue;
      }
      const { passed, failed, line } = await runStep(step);
      total.passed += passed;
      total.failed += failed;
      lines.push(line);
      if (failed > 0) broken.add(step.name);
      if (askedToStop() !== undefined) break;
    }
  } catch (error) {
    if (!(error instanceof Sentence)) throw error;
    total.failed += 1;
    lines.push(error.message);
  }
  if (askedToStop() !== undefined) lines.push(`stopped by ${askedToStop()}: the steps after that did not run`);
  process.stdout.write(`\n${lines.join('\n')}\n${total.passed} passed, ${total.failed} failed\n`);
  if (askedToStop() !== undefined) return exitCodeOf({ signal: askedToStop() });
  return total.failed === 0 ? 0 : 1;
}

/** @returns what it adds to the sum, and a line with its name and time */
async function runStep({ name, run }) {
  const startedAtMs = Date.now();
  say(name);
  let counts = { passed: 0, failed: 0 };
  let reason = '';
  try {
    counts = (await run()) || counts;
  } catch (error) {
    if (!(error instanceof Sentence)) throw error;
    counts = ONE_FAILED;
    reason = `. ${error.message}`;
  }
  const seconds = ((Date.now() - startedAtMs) / 1_000).toFixed(1);
  const line = `${name}: ${counts.failed === 0 ? 'ok' : 'failed'} in ${seconds} s${reason}`;
  say(line);
  return { ...counts, line };
}

/** A tool that answers only by its exit code. */
async function plain(script) {
  return (await runTool(tool(script))) === 0 ? undefined : ONE_FAILED;
}

async function unitTests() {
  fs.rmSync(UNIT, { force: true });
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${UNIT}`];
  return countVitest(UNIT, await runTool(tool('unit', ...reporters)));
}

async function endToEndTests() {
  fs.rmSync(E2E, { force: true });
  const words = tool('e2e', '--reporter=list,json');
  return countPlaywright(E2E, await runTool(words, { PLAYWRIGHT_JSON_OUTPUT_NAME: E2E }));
}

async function runTool(args, extraEnv = {}) {
  // At this signal the test runners close what they have opened: browsers are in groups of their own.
  return exitCodeOf(await runNode(args, { cwd: root, env: pinnedEnv(extraEnv), stopWith: 'SIGINT' }));
}

void runMain(main);
